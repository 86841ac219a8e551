package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import java.time.Duration;
import java.util.List;

/**
 * Deletes a guest and, if wanted, stops it first.
 *
 * @param deletion the request to delete the guest
 * @param operation of the request
 * @param stop whether to stop it first
 */
public record RemovalSequence(OperationRequest deletion, DeletionOperation operation, boolean stop)
        implements OperationSequence {

    @Override
    public Duration timeout() {
        return deletion.timeout();
    }

    @Nullable
    @Override
    public OperationRequest next(List<OperationState> done) {
        if (stop && done.isEmpty()) {
            return deletion.of(new StopForRemoval(operation.terms(), operation.purge()));
        }
        boolean gone = !done.isEmpty() && done.get(0).guest() == null;
        return done.size() < (stop ? 2 : 1) && !gone ? deletion : null;
    }
}
