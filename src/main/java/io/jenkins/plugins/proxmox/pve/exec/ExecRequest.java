package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * A command to run in a guest.
 *
 * @param timeout from the beginning to the end of the command
 * @param returnsStdout whether the standard output is returned instead of logged
 */
public record ExecRequest(GuestSelector guest, GuestCommand command, Duration timeout, boolean returnsStdout)
        implements Serializable {

    /** The name of this kind of operation. */
    public static final String NAME = "exec";

    /** Long enough for most builds. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofHours(1);

    /**
     * @throws IllegalArgumentException when the timeout is not between one second and seven days
     */
    public ExecRequest {
        OperationRequest.requirePossible(timeout);
    }

    /** The privileges that an identity needs from finding the guest to removing the files of the command. */
    @NonNull
    public static List<RequiredPrivilege> needs(int vmid) {
        return List.of(GuestRight.SEE.on(vmid), GuestRight.EXECUTE.on(vmid));
    }
}
