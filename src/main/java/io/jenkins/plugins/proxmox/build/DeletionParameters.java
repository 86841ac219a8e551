package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.DeletionOperation;
import io.jenkins.plugins.proxmox.pve.guest.IfMissing;
import io.jenkins.plugins.proxmox.pve.guest.RemovalSequence;
import io.jenkins.plugins.proxmox.pve.guest.RemovalTerms;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import java.util.function.Function;

/**
 * The parameters of a step that deletes a guest.
 *
 * @param stop whether to stop it first
 * @param purge whether to remove it also from backup jobs, replication jobs and HA resources
 * @param force whether to delete also a template, a protected guest, or one that this controller has not made
 * @param ifMissing one of {@link IfMissing}; null for the default
 */
public record DeletionParameters(
        boolean stop,
        boolean purge,
        boolean force,
        @CheckForNull String ifMissing) {

    /**
     * The operations that delete the guest.
     *
     * @param request of any operation, on the guest
     * @throws IllegalArgumentException when {@code ifMissing} is something else, or as {@code request}
     */
    @NonNull
    public OperationSequence operations(Function<GuestOperation, OperationRequest> request) {
        boolean ignoresMissing = ifMissing != null
                && GuestParameters.choice("ifMissing", ifMissing, IfMissing.values()) == IfMissing.IGNORE;
        DeletionOperation deletion =
                new DeletionOperation(RemovalTerms.named(new ControllerSignature(), force, ignoresMissing), purge);
        return new RemovalSequence(request.apply(deletion), deletion, stop);
    }
}
