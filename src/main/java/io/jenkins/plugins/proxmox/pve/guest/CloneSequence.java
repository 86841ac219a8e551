package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Clones a guest, sets up the clone and, if wanted, starts it. What failed half way is deleted.
 *
 * @param cloning the request to clone the source
 * @param availability what to wait for once the clone runs
 */
public record CloneSequence(OperationRequest cloning, CloneSettings settings, boolean start, Availability availability)
        implements OperationSequence {

    /** For deleting what is left of a failed clone. */
    private static final Duration REMOVAL = Duration.ofMinutes(5);

    @Override
    public Duration timeout() {
        return cloning.timeout();
    }

    @Nullable
    @Override
    public OperationRequest next(List<OperationState> done) {
        if (done.isEmpty()) {
            return cloning;
        }
        List<GuestOperation> afterwards = new ArrayList<>();
        SortedSet<String> tags = new TreeSet<>(settings.tags());
        tags.add(CloneMark.TAG);
        afterwards.add(new ConfigurationOperation(settings.values(), tags));
        if (settings.hardware().diskSize() != null) {
            afterwards.add(new DiskResize(settings.hardware().diskSize()));
        }
        if (start) {
            afterwards.add(new PowerOperation(PowerAction.START));
        }
        int next = done.size() - 1;
        if (next >= afterwards.size()) {
            return null;
        }
        OperationRequest request = on(done.get(0).target(), afterwards.get(next));
        boolean starts = start && next == afterwards.size() - 1;
        return starts ? request.until(availability) : request;
    }

    private OperationRequest on(int vmid, GuestOperation operation) {
        return cloning.on(new GuestSelector(vmid, null, null)).of(operation);
    }

    @Nullable
    @Override
    public OperationRequest undo(List<OperationState> done, OperationState failed, List<OperationState> undone) {
        if (done.isEmpty() && failed.phase() == OperationState.Phase.FIND) {
            // nothing was sent, or Proxmox VE has refused it
            return null;
        }
        if (!undone.isEmpty() && undone.get(0).guest() == null) {
            // it does not exist, so nothing is left to delete
            return null;
        }
        Integer target = done.isEmpty() ? failed.target() : done.get(0).target();
        if (target == null) {
            return null;
        }
        // the first operation after the clone sets it up
        return removal(target, done.size() > 1, undone.size());
    }

    /**
     * The operations that remove the clone, and nothing else that has its VMID by now.
     *
     * @param isSetUp whether it is certain that the clone was made and set up
     * @param done how many of them have run
     * @return the next one; null when all have
     */
    @Nullable
    public OperationRequest removal(int vmid, boolean isSetUp, int done) {
        RemovalTerms terms = RemovalTerms.of(settings.mark().of(vmid), isSetUp);
        return switch (done) {
            case 0 -> on(vmid, new StopForRemoval(terms, false)).within(REMOVAL).cancelsTask(false);
            case 1 ->
                on(vmid, new DeletionOperation(terms, false)).within(REMOVAL).cancelsTask(false);
            default -> null;
        };
    }
}
