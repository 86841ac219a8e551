package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import java.util.List;

/**
 * A clone on a server, with the mark that says which build of this controller has made it.
 *
 * @param isProtected whether somebody has protected it against deletion since then
 * @param addresses of the server
 */
public record MarkedClone(
        @NonNull ListedGuest guest,
        @NonNull CloneMark mark,
        boolean isProtected,
        @NonNull List<ServerAddress> addresses) {

    public MarkedClone {
        addresses = List.copyOf(addresses);
    }

    @NonNull
    public BuildReference build() {
        return new BuildReference(mark.job(), mark.build());
    }

    /** Whether no lease stands for it and its build is over. */
    public boolean isLeftBehind() {
        int vmid = guest.location().vmid();
        return Leases.get().all().stream().noneMatch(lease -> lease.isOf(vmid, mark)) && build().isOver();
    }

    /** Whether it was to be removed after the work in it, and nobody wants to keep it. */
    public boolean isToBeRemoved() {
        return mark.lease() && !isProtected;
    }

    /** The same for a clone that nobody will remove. */
    public boolean isOrphan() {
        return isToBeRemoved() && isLeftBehind();
    }
}
