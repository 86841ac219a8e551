package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Item;
import hudson.model.Job;
import hudson.model.Run;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.server.ServerUser;
import java.util.Objects;
import jenkins.model.Jenkins;
import org.springframework.security.access.AccessDeniedException;

/**
 * Which build has borrowed a guest.
 *
 * @param job its full name
 */
public record BuildReference(@NonNull String job, int number) {

    public BuildReference {
        Objects.requireNonNull(job, "job");
    }

    @NonNull
    static BuildReference of(Run<?, ?> build) {
        return new BuildReference(build.getParent().getFullName(), build.getNumber());
    }

    /** The build; null once it, or its job, was deleted. */
    @CheckForNull
    Run<?, ?> find() {
        Item item = item();
        return item instanceof Job<?, ?> found ? found.getBuildByNumber(number) : null;
    }

    @CheckForNull
    private Item item() {
        return item(job);
    }

    @CheckForNull
    private static Item item(String fullName) {
        try (ACLContext controller = ACL.as2(ACL.SYSTEM2)) {
            return Jenkins.get().getItemByFullName(fullName, Item.class);
        }
    }

    /** The job or, once that was deleted, the nearest folder that it was in, whose credentials it used. */
    @CheckForNull
    private Item nearestItem() {
        for (String name = job; !name.isEmpty(); name = name.substring(0, Math.max(0, name.lastIndexOf('/')))) {
            Item item = item(name);
            if (item != null) {
                return item;
            }
        }
        return null;
    }

    /** The build; null once it was deleted, and for a user who may not see its job. */
    @CheckForNull
    public Run<?, ?> visible() {
        try {
            Item item = Jenkins.get().getItemByFullName(job, Item.class);
            return item instanceof Job<?, ?> found ? found.getBuildByNumber(number) : null;
        } catch (AccessDeniedException e) {
            // the user may know of the job, but may not see it
            return null;
        }
    }

    /** Whether it no longer runs, so that none of its steps will put anything back. */
    boolean isOver() {
        Run<?, ?> build = find();
        return build == null || !build.isLogUpdated();
    }

    /** Who puts back what the build borrowed. */
    @NonNull
    ServerUser returning() {
        return new ServerUser(find(), nearestItem(), true);
    }

    /** The same build after its job, or a folder of it, was renamed or moved. */
    @NonNull
    BuildReference moved(String from, String to) {
        boolean isMoved = job.equals(from) || job.startsWith(from + "/");
        return isMoved ? new BuildReference(to + job.substring(from.length()), number) : this;
    }

    /** {@code folder/job #12}. */
    @Override
    public String toString() {
        // the name may come from the notes of a guest
        return SafeText.singleLine(job) + " #" + number;
    }
}
