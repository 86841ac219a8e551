package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.IfExists;
import io.jenkins.plugins.proxmox.pve.guest.IfMissing;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotAction;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotCollection;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotCreation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotDeletion;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotName;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotRollback;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.sequence.FixedSequence;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The parameters of a step that creates, deletes or lists snapshots, or takes a guest back to one.
 *
 * @param action one of {@link SnapshotAction}
 * @param snapshot its name; null for a list
 * @param description null for none
 * @param memory whether to save the memory of a running machine
 * @param start whether to start the guest after a rollback
 * @param ifExists one of {@link IfExists}, for a creation; null for the default
 * @param ifMissing one of {@link IfMissing}, for a rollback or a deletion; null for the default
 */
public record SnapshotParameters(
        @CheckForNull String action,
        @CheckForNull String snapshot,
        @CheckForNull String description,
        boolean memory,
        boolean start,
        @CheckForNull String ifExists,
        @CheckForNull String ifMissing) {

    /** PVE::AbstractConfig limits the description of a guest, which follows the same rule. */
    private static final int LONGEST_DESCRIPTION = 8192;

    /**
     * @throws IllegalArgumentException when there is no such action
     */
    @NonNull
    public SnapshotAction chosenAction() {
        return GuestParameters.choice("action", action, SnapshotAction.values());
    }

    /**
     * Refuses contradictions.
     *
     * @throws IllegalArgumentException in one line that names the parameter
     */
    public void check() {
        SnapshotAction chosen = chosenAction();
        if (chosen == SnapshotAction.LIST) {
            refuse("snapshot", snapshot != null);
        } else {
            SnapshotName.require(snapshot);
        }
        boolean creates = chosen == SnapshotAction.CREATE;
        refuse("description", description != null && !creates);
        refuse("memory", memory && !creates);
        refuse("ifExists", ifExists != null && !creates);
        refuse("start", start && chosen != SnapshotAction.ROLLBACK);
        refuse("ifMissing", ifMissing != null && (creates || chosen == SnapshotAction.LIST));
        if (description != null && description.length() > LONGEST_DESCRIPTION) {
            throw new IllegalArgumentException(
                    Messages.SnapshotParameters_description(description.length(), LONGEST_DESCRIPTION));
        }
        ifExistsOrDefault();
        ifMissingOrDefault();
    }

    private void refuse(String parameter, boolean given) {
        if (given) {
            throw new IllegalArgumentException(Messages.SnapshotParameters_notFor(parameter, chosenAction()));
        }
    }

    private IfExists ifExistsOrDefault() {
        return ifExists == null ? IfExists.FAIL : GuestParameters.choice("ifExists", ifExists, IfExists.values());
    }

    private IfMissing ifMissingOrDefault() {
        return ifMissing == null ? IfMissing.FAIL : GuestParameters.choice("ifMissing", ifMissing, IfMissing.values());
    }

    /**
     * The operations that lead there.
     *
     * @param request of any operation: for the guest, the time for all of them, and what to do about locks and tasks
     * @throws IllegalArgumentException as {@link #check}; or when the action is to list
     */
    @NonNull
    public OperationSequence operations(Function<GuestOperation, OperationRequest> request) {
        check();
        List<OperationRequest> requests = new ArrayList<>();
        boolean ignoresMissing = ifMissingOrDefault() == IfMissing.IGNORE;
        String name = SnapshotName.require(snapshot);
        switch (chosenAction()) {
            case CREATE -> {
                IfExists existing = ifExistsOrDefault();
                SnapshotCreation creation = new SnapshotCreation(
                        name, description == null ? "" : description, memory, existing == IfExists.KEEP);
                if (existing == IfExists.REPLACE) {
                    requests.add(request.apply(SnapshotDeletion.before(new SnapshotCollection.Addition(name, memory))));
                }
                requests.add(request.apply(creation));
            }
            case ROLLBACK -> {
                requests.add(request.apply(new SnapshotRollback(name, ignoresMissing, start)));
                if (start) {
                    requests.add(request.apply(new PowerOperation(PowerAction.START)));
                }
            }
            case DELETE -> requests.add(request.apply(new SnapshotDeletion(name, ignoresMissing)));
            case LIST -> throw new IllegalArgumentException(SnapshotAction.LIST.toString());
        }
        return new FixedSequence(requests, requests.get(0).timeout());
    }
}
