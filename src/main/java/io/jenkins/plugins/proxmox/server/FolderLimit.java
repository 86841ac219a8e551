package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.Job;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.proxmox.pve.client.Text;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.Jenkins;
import org.apache.tools.ant.types.selectors.SelectorUtils;

/** The folders whose jobs may use a server: none named means all. */
final class FolderLimit {

    /** What names the top level, where jobs are in no folder. */
    static final String TOP_LEVEL = "/";

    private final List<String> patterns;

    FolderLimit(List<String> patterns) {
        this.patterns = patterns;
    }

    /** The patterns in texts of one pattern a line, without blanks and slashes around them. */
    @NonNull
    static List<String> patternsIn(List<String> texts) {
        List<String> patterns = new ArrayList<>();
        for (String text : texts) {
            text.lines()
                    .map(FolderLimit::trimmed)
                    .filter(line -> !line.isEmpty())
                    .forEach(patterns::add);
        }
        return List.copyOf(patterns);
    }

    private static String trimmed(String line) {
        String bare = Text.trimmed(line);
        return bare.equals(TOP_LEVEL) ? bare : bare.replaceAll("^/+|/+$", "");
    }

    /** Those of the patterns that fit no folder of this controller. Looks at all of them, whoever asks. */
    @NonNull
    static List<String> withoutFolder(List<String> patterns) {
        List<String> folders = new ArrayList<>();
        try (ACLContext all = ACL.as2(ACL.SYSTEM2)) {
            for (Item item : Jenkins.get().allItems(Item.class)) {
                if (!(item instanceof Job) && item instanceof ItemGroup<?> folder) {
                    folders.add(folder.getFullName());
                }
            }
        }
        folders.add("");
        return patterns.stream()
                .filter(pattern -> folders.stream().noneMatch(folder -> matches(pattern, folder)))
                .toList();
    }

    /** Whether a job, or a folder in whose form a job would be, may use the server. */
    boolean allows(Item item) {
        return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> matches(pattern, folderOf(item)));
    }

    /** What a job consists of, such as the configurations of a matrix job, is where the job is. */
    private static String folderOf(Item item) {
        if (!(item instanceof Job) && item instanceof ItemGroup<?> folder) {
            return folder.getFullName();
        }
        ItemGroup<?> parent = item.getParent();
        return parent instanceof Job<?, ?> whole ? folderOf(whole) : parent.getFullName();
    }

    private static boolean matches(String pattern, String folder) {
        if (folder.isEmpty()) {
            return pattern.equals(TOP_LEVEL) || pattern.equals("**");
        }
        // Ant separates by what the platform separates files with
        return SelectorUtils.matchPath(
                pattern.replace('/', File.separatorChar), folder.replace('/', File.separatorChar), true);
    }
}
