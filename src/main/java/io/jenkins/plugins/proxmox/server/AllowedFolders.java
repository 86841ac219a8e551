package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.Job;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.Jenkins;
import org.apache.tools.ant.types.selectors.SelectorUtils;

/** The folders whose jobs may use a server. If none are named, all jobs may. */
final class AllowedFolders {

    /** Stands for the top level, where jobs are in no folder. */
    static final String TOP_LEVEL = "/";

    /** Marks a pattern whose folder was deleted. Jenkins allows this character in no name (Jenkins.checkGoodName). */
    private static final String ENDED = "!";

    private final List<String> patterns;

    AllowedFolders(List<String> patterns) {
        this.patterns = patterns;
    }

    /** The patterns in texts with one pattern per line, without surrounding blanks and superfluous slashes. */
    @NonNull
    static List<String> patternsIn(List<String> texts) {
        return texts.stream()
                .flatMap(String::lines)
                .map(AllowedFolders::trimmed)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private static String trimmed(String line) {
        // Ant treats several slashes as one
        String bare = SafeText.trimmed(line).replaceAll("/+", "/");
        return bare.equals(TOP_LEVEL) ? bare : bare.replaceAll("^/+|/+$", "");
    }

    /** Whether the item contains jobs, rather than being a job or a part of one. */
    static boolean isFolder(Item item) {
        return item instanceof ItemGroup<?> && !(item instanceof Job);
    }

    /** The pattern after a folder was renamed or moved. It changes only if it names that folder or begins with it. */
    @NonNull
    static String moved(String pattern, String from, String to) {
        return names(pattern, from) ? to + pattern.substring(from.length()) : pattern;
    }

    /**
     * The pattern after a folder was deleted. A pattern that names the folder or begins with it allows nothing any
     * more. It is not removed, since a server without patterns is open to all jobs.
     */
    @NonNull
    static String deleted(String pattern, String folder) {
        return names(pattern, folder) ? ENDED + pattern : pattern;
    }

    private static boolean names(String pattern, String folder) {
        return pattern.equals(folder) || pattern.startsWith(folder + "/");
    }

    @NonNull
    static List<String> ended(List<String> patterns) {
        return patterns.stream().filter(AllowedFolders::isEnded).toList();
    }

    private static boolean isEnded(String pattern) {
        return pattern.startsWith(ENDED);
    }

    /**
     * The patterns that match no folder of this controller, without the ended ones. Considers all folders, whatever the
     * current user can see.
     */
    @NonNull
    static List<String> withoutFolder(List<String> patterns) {
        List<String> folders = new ArrayList<>();
        try (ACLContext all = ACL.as2(ACL.SYSTEM2)) {
            for (Item item : Jenkins.get().allItems(Item.class)) {
                if (isFolder(item)) {
                    folders.add(item.getFullName());
                }
            }
        }
        folders.add("");
        return patterns.stream()
                .filter(pattern -> !isEnded(pattern))
                .filter(pattern -> folders.stream().noneMatch(folder -> matches(pattern, folder)))
                .toList();
    }

    /** Whether a job, or the jobs in a folder, may use the server. */
    boolean allows(Item item) {
        return allowsJobsIn(folderOf(item));
    }

    private boolean allowsJobsIn(String folder) {
        return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> matches(pattern, folder));
    }

    /** Whether jobs in the folder could use the server before it was renamed or moved, but not afterwards. */
    boolean isLostByMove(String from, String to) {
        AllowedFolders after = new AllowedFolders(
                patterns.stream().map(pattern -> moved(pattern, from, to)).toList());
        return allowsJobsIn(from) && !after.allowsJobsIn(to);
    }

    /** Parts of a job, such as the configurations of a matrix job, are in the folder of the job. */
    private static String folderOf(Item item) {
        if (isFolder(item)) {
            return item.getFullName();
        }
        ItemGroup<?> parent = item.getParent();
        return parent instanceof Job<?, ?> whole ? folderOf(whole) : parent.getFullName();
    }

    private static boolean matches(String pattern, String folder) {
        if (isEnded(pattern)) {
            return false;
        }
        if (folder.isEmpty()) {
            return pattern.equals(TOP_LEVEL) || pattern.equals("**");
        }
        // Ant uses the path separator of the platform
        return SelectorUtils.matchPath(
                pattern.replace('/', File.separatorChar), folder.replace('/', File.separatorChar), true);
    }
}
