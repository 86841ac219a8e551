package io.jenkins.plugins.proxmox.lease;

import hudson.ExtensionList;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.guest.CloudInit;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;

/** Leases in the list of the controller, for tests of what is shown of them. All are of the server {@code lab}. */
public final class ExampleLeases {

    private ExampleLeases() {}

    /** No leases, as at first. */
    public static void clear() {
        Leases.get().all().forEach(lease -> Leases.get().remove(lease.id()));
    }

    /** Does what is done once an hour. Removals that it begins end later. */
    public static void removeOrphans() {
        ExtensionList.lookupSingleton(OrphanRemoval.class).execute(TaskListener.NULL);
    }

    /** A machine that was found stopped, runs, and could not be put back. It is tried again in an hour. */
    public static void unreturned(String id, String job, int vmid, int failures, String why) {
        unreturned(id, job, vmid, failures, why, null);
    }

    /** The same, borrowed with those credentials. */
    public static void unreturned(String id, String job, int vmid, int failures, String why, String credentialsId) {
        OperationRequest start =
                OperationRequest.of(new GuestSelector(vmid, null, null), new PowerOperation(PowerAction.START));
        LeaseTerms terms = LeaseTerms.of("lab", credentialsId, start, OnExit.RESTORE, null);
        Lease lease = used(start, vmid).foundAs("stopped").returning();
        add(new LeaseEntry(id, new BuildReference(job, 7), terms, List.of(), lease, null, failures, why, inAnHour()));
    }

    /** A clone with that mark, kept for inspection for an hour. */
    public static void kept(String id, String job, int vmid, CloneMark mark) {
        CloneSettings settings = new CloneSettings(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new TreeSet<>(),
                "",
                mark,
                new CloneSettings.Hardware(null, null, null, new CloudInit(null, "", null, null)));
        OperationRequest cloning = OperationRequest.of(
                new GuestSelector(9000, null, null), new CloneOperation(settings, true, Availability.RUNNING));
        CloneSequence sequence = new CloneSequence(cloning, settings, true, Availability.RUNNING);
        LeaseTerms terms = LeaseTerms.of("lab", null, sequence, Duration.ofHours(1));
        Lease used = used(cloning, vmid);
        Lease lease = new Lease(
                Lease.Phase.KEPT,
                null,
                used.operation(),
                used.done(),
                used.guest(),
                "stopped",
                vmid,
                used.addresses(),
                used.since());
        add(new LeaseEntry(id, new BuildReference(job, 7), terms, List.of(), lease, null, 0, null, inAnHour()));
    }

    private static Lease used(OperationRequest start, int vmid) {
        ObservedGuest seen = new ObservedGuest(
                new GuestLocation("pve1", GuestType.QEMU, vmid),
                "web",
                "running",
                "",
                0,
                false,
                null,
                null,
                Instant.now());
        return Lease.begin()
                .of(seen)
                .starting()
                .with(start)
                .with(OperationState.begin())
                .next()
                .leased()
                .of(seen);
    }

    private static Instant inAnHour() {
        return Instant.now().plus(Duration.ofHours(1));
    }

    private static void add(LeaseEntry entry) {
        Leases.get().put(entry).join();
    }

    /** A machine that is in use by a build that is gone, and was found stopped; its VMID is 1000 more than its number. */
    static LeaseEntry inUse(int i, String node, List<ServerAddress> addresses) {
        ObservedGuest guest = new ObservedGuest(
                new GuestLocation(node, GuestType.QEMU, 1000 + i),
                "guest-" + i,
                "running",
                "running",
                1,
                false,
                null,
                null,
                Instant.now());
        OperationRequest start =
                OperationRequest.of(new GuestSelector(1000 + i, null, null), new PowerOperation(PowerAction.START));
        Lease used = Lease.begin()
                .of(guest)
                .on(addresses)
                .starting()
                .foundAs("stopped")
                .with(start)
                .with(OperationState.begin())
                .next()
                .leased()
                .of(guest);
        return LeaseEntry.begin(
                        "lease-" + i,
                        new BuildReference("gone", i),
                        LeaseTerms.of("lab", null, start, OnExit.RESTORE, null),
                        List.of())
                .with(used);
    }
}
