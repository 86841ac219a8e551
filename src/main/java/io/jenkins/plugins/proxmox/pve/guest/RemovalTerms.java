package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.operation.GuestInspection;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.Objects;

/**
 * Which guests may be deleted.
 *
 * @param signer of the marks of the controller that must have made the guest; null if there is none, so that nothing counts
 *     as its clone
 * @param force whether any guest may be deleted: a template, a protected one, one of somebody else
 * @param ignoresMissing whether there is nothing to do if the guest does not exist, rather than an error
 * @param only the clone that may be deleted; null for all of the controller
 * @param isSetUp whether that clone was made and set up, so that whatever it is now, somebody has made it that. Otherwise
 *     it may be half made, or somebody else may have its VMID.
 */
public record RemovalTerms(
        @Nullable CloneMark.Signer signer,
        boolean force,
        boolean ignoresMissing,
        @Nullable CloneMark only,
        boolean isSetUp)
        implements Serializable {

    /** For guests that a person names. */
    public static RemovalTerms named(@Nullable CloneMark.Signer signer, boolean force, boolean ignoresMissing) {
        return new RemovalTerms(signer, force, ignoresMissing, null, false);
    }

    /** For one clone; whatever else has its VMID is left alone. */
    static RemovalTerms of(CloneMark clone, boolean isSetUp) {
        return new RemovalTerms(null, false, true, clone, isSetUp);
    }

    /** Whether the guest is none of those that may be deleted, without that being an error. */
    boolean leavesAlone(GuestInspection guest) throws ProxmoxException {
        if (only == null) {
            return false;
        }
        CloneMark found = markOf(guest);
        boolean isEdited = found == null || only.isSame(found) && Objects.equals(found.vmid(), vmidOf(guest));
        return !isClone(guest) && !(isSetUp && isEdited);
    }

    private boolean isClone(GuestInspection guest) throws ProxmoxException {
        return only != null && only.isOn(vmidOf(guest), markOf(guest));
    }

    /** Whether what is left of a clone is to be removed, which may not be complete, nor visible. */
    boolean isOfHalfMade() {
        return only != null && !isSetUp;
    }

    /** Whether a protected guest may be deleted: a half-made clone still has the protection of its template. */
    boolean includesProtected() {
        return force || isOfHalfMade();
    }

    /**
     * What the guest is that must not be deleted, as the end of a sentence; null if it may be.
     *
     * @param purge whether it is also removed from the HA resources
     */
    @CheckForNull
    String obstacle(GuestInspection guest, boolean purge) throws ProxmoxException {
        String obstacle = only == null ? obstacle(guest) : obstacleOfClone(guest);
        if (obstacle != null || purge || !guest.status().haManaged()) {
            return obstacle;
        }
        return Texts.of(only == null ? "obstacle.delete-ha" : "obstacle.remove-ha");
    }

    @CheckForNull
    private String obstacle(GuestInspection guest) throws ProxmoxException {
        if (force) {
            return null;
        }
        if (isTemplate(guest)) {
            return Texts.of("obstacle.delete-template");
        }
        if (guest.config().isProtected()) {
            return Texts.of("obstacle.delete-protected");
        }
        CloneMark mark = markOf(guest);
        if (mark == null || signer == null) {
            return Texts.of("obstacle.delete-unmarked");
        }
        if (!mark.controller().equals(signer.controller())) {
            return Texts.of("obstacle.delete-foreign", mark.inWords());
        }
        if (!mark.isSignedBy(signer)) {
            return Texts.of("obstacle.delete-unsigned", mark.inWords());
        }
        return Objects.equals(mark.vmid(), vmidOf(guest))
                ? null
                : Texts.of("obstacle.delete-copy", String.valueOf(mark.vmid()), mark.inWords());
    }

    /** Nobody is there who could be asked, so whatever somebody has made of the clone outweighs that it is one. */
    @CheckForNull
    private String obstacleOfClone(GuestInspection guest) throws ProxmoxException {
        if (!isClone(guest)) {
            return Texts.of("obstacle.remove-unmarked");
        }
        if (isTemplate(guest)) {
            return Texts.of("obstacle.remove-template");
        }
        return isSetUp && guest.config().isProtected() ? Texts.of("obstacle.remove-protected") : null;
    }

    private static boolean isTemplate(GuestInspection guest) throws ProxmoxException {
        return guest.isTemplate() || guest.config().isTemplate();
    }

    @CheckForNull
    private static CloneMark markOf(GuestInspection guest) throws ProxmoxException {
        return CloneMark.in(guest.config().description());
    }

    private static int vmidOf(GuestInspection guest) {
        return guest.status().location().vmid();
    }

    /** A guest that is being cloned is nobody's yet: it gets its mark at the end, or goes away. */
    static boolean isHalfMade(String lock) {
        return lock.equals("clone") || lock.equals("create");
    }
}
