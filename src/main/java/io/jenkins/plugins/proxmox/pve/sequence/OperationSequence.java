package io.jenkins.plugins.proxmox.pve.sequence;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/** Operations to run one after the other, each once the one before has succeeded. A value that is saved with the build. */
public interface OperationSequence extends Serializable {

    /** For all of them together. */
    Duration timeout();

    /**
     * The next operation; null when all have run. Always the same for the same states.
     *
     * @param done the final states of those that have run, in order
     */
    @Nullable
    OperationRequest next(List<OperationState> done);

    /**
     * The next operation that removes what is left of the sequence after it failed or was aborted; null when none is
     * left.
     *
     * @param failed the last state of the operation that failed
     * @param undone the final states of such operations that have run, in order
     */
    @Nullable
    default OperationRequest undo(List<OperationState> done, OperationState failed, List<OperationState> undone) {
        return null;
    }
}
