package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.build.CloneParameters;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotName;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The parameters of a step or a build wrapper that borrows a guest, as they were given: null for those that were not.
 *
 * @param guest names the guest or, with a template, the clone
 * @param onExit one of {@link OnExit}
 * @param keepOnFailure {@code true} or {@code false}
 * @param keepFor a number of hours
 */
public record LeaseParameters(
        @CheckForNull String server,
        @CheckForNull String credentialsId,
        @NonNull CloneParameters guest,
        @CheckForNull String onExit,
        @CheckForNull String keepOnFailure,
        @CheckForNull String keepFor) {

    private static final int DEFAULT_KEPT_HOURS = 24;

    private static final int MOST_KEPT_HOURS = 24 * 90;

    /** Whether the guest is made for the work. */
    private boolean isClone() {
        return GuestParameters.text(guest.template()) != null;
    }

    /**
     * Whether a clone is kept after a failure.
     *
     * @throws IllegalArgumentException when that cannot be read
     */
    public boolean keeps() {
        return GuestParameters.flag("keepOnFailure", keepOnFailure, false);
    }

    /**
     * The guest, or the template.
     *
     * @throws IllegalArgumentException when none is named, or by both VMID and name
     */
    @NonNull
    public GuestSelector source() {
        return isClone() ? guest.source() : GuestParameters.selector(guest.vmid(), guest.name(), guest.node());
    }

    /**
     * The terms of the lease.
     *
     * @param request of any operation, on the {@link #source}
     * @throws IllegalArgumentException when a value cannot be right, in one line that names the parameter
     */
    @NonNull
    public LeaseTerms terms(Run<?, ?> build, Function<GuestOperation, OperationRequest> request) {
        return isClone() ? ofClone(build, request) : ofGuest(request);
    }

    private LeaseTerms ofClone(Run<?, ?> build, Function<GuestOperation, OperationRequest> request) {
        requireEnd(onExit, guest.template(), guest.snapshot());
        return LeaseTerms.of(
                server,
                credentialsId,
                guest.operationsForLease(build, request),
                keptAfterFailure(keepOnFailure, keepFor));
    }

    /**
     * Checks that what happens at the end is possible: a clone is removed, and a rollback needs a snapshot.
     *
     * @throws IllegalArgumentException when it is not
     */
    public static void requireEnd(
            @CheckForNull String onExit, @CheckForNull String template, @CheckForNull String snapshot) {
        String end = GuestParameters.text(onExit);
        if (end != null && GuestParameters.text(template) != null) {
            throw new IllegalArgumentException(Messages.LeaseParameters_onExitOfClone());
        }
        if (OnExit.ROLLBACK.optionName().equals(end) && GuestParameters.text(snapshot) == null) {
            throw new IllegalArgumentException(Messages.LeaseTerms_rollbackWithoutSnapshot());
        }
    }

    /**
     * How long a clone is kept after a failure; null for not at all.
     *
     * @throws IllegalArgumentException when a value cannot be read, or the number of hours has no meaning
     */
    @CheckForNull
    public static Duration keptAfterFailure(@CheckForNull String keepOnFailure, @CheckForNull String keepFor) {
        boolean keeps = GuestParameters.flag("keepOnFailure", keepOnFailure, false);
        Integer hours = GuestParameters.number("keepFor", keepFor, 1, MOST_KEPT_HOURS);
        if (hours != null && !keeps) {
            throw new IllegalArgumentException(Messages.LeaseParameters_keepForAlone());
        }
        return keeps ? Duration.ofHours(hours == null ? DEFAULT_KEPT_HOURS : hours) : null;
    }

    private LeaseTerms ofGuest(Function<GuestOperation, OperationRequest> request) {
        onlyOfClones().forEach((parameter, value) -> {
            if (GuestParameters.text(value) != null) {
                throw new IllegalArgumentException(Messages.LeaseParameters_onlyOfClones(parameter));
            }
        });
        if (keeps()) {
            throw new IllegalArgumentException(Messages.LeaseParameters_onlyOfClones("keepOnFailure"));
        }
        OnExit end = onExit == null ? OnExit.RESTORE : GuestParameters.choice("onExit", onExit, OnExit.values());
        return LeaseTerms.of(
                server,
                credentialsId,
                request.apply(new PowerOperation(PowerAction.START)).until(GuestParameters.waitFor(guest.waitFor())),
                end,
                guest.snapshot() == null ? null : SnapshotName.require(guest.snapshot()));
    }

    private Map<String, String> onlyOfClones() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("targetNode", guest.targetNode());
        values.put("storage", guest.storage());
        values.put("pool", guest.pool());
        values.put("full", guest.full());
        values.put("tags", guest.tags());
        values.put("description", guest.description());
        values.put("cores", guest.cores());
        values.put("memory", guest.memory());
        values.put("diskSize", guest.diskSize());
        values.put("ciUser", guest.ciUser());
        values.put("sshKeys", guest.sshKeys());
        values.put("ipConfig", guest.ipConfig());
        values.put("nameserver", guest.nameserver());
        values.put("keepFor", keepFor);
        return values;
    }
}
