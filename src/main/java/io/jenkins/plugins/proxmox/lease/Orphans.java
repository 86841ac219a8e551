package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Removes clones whose lease was lost: each gets a lease again, which is on its way back. */
public final class Orphans {

    private Orphans() {}

    /**
     * Removes a clone in the background, until it is gone or an administrator strikes the lease out. Removes nothing else
     * that has its VMID by then.
     *
     * @param server the name of the server, whose own credentials are used
     * @return completes once the lease is on the disk
     */
    @NonNull
    public static CompletableFuture<Void> remove(String server, MarkedClone orphan) {
        int vmid = orphan.guest().location().vmid();
        Lease returning = new Lease(
                Lease.Phase.RETURNING,
                null,
                OperationState.begin(),
                List.of(),
                ObservedGuest.of(orphan.guest()),
                null,
                vmid,
                orphan.addresses(),
                Instant.now());
        String id = "orphan-" + vmid + "-" + orphan.mark().id();
        LeaseTerms terms = terms(server, vmid, orphan.mark());
        LeaseEntry entry =
                LeaseEntry.begin(id, orphan.build(), terms, List.of()).with(returning);
        return Leases.get()
                .add(entry)
                .thenRun(() ->
                        ControllerThreads.workers().now(() -> LeaseReturns.get().now(id)));
    }

    /** As for a clone that is made; only its mark matters for its removal. */
    private static LeaseTerms terms(String server, int vmid, CloneMark mark) {
        CloneSettings settings = CloneSettings.at(null, null, mark);
        OperationRequest cloning = OperationRequest.of(
                        new GuestSelector(vmid, null, null), new CloneOperation(settings, false, Availability.RUNNING))
                .waitsForLock(true);
        return LeaseTerms.of(server, null, new CloneSequence(cloning, settings, false, Availability.RUNNING), null);
    }
}
