package io.jenkins.plugins.proxmox.pve.sequence;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.time.Duration;
import java.util.List;

/** Operations that are known from the beginning. */
public record FixedSequence(List<OperationRequest> requests, Duration timeout) implements OperationSequence {

    public FixedSequence {
        requests = List.copyOf(requests);
    }

    /** That operation alone. */
    public static FixedSequence of(OperationRequest request) {
        return new FixedSequence(List.of(request), request.timeout());
    }

    @Nullable
    @Override
    public OperationRequest next(List<OperationState> done) {
        return done.size() < requests.size() ? requests.get(done.size()) : null;
    }
}
