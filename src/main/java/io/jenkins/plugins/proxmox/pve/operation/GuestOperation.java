package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * A kind of operation on a guest. It gives the five answers that {@link OperationRun}, which is the same for all kinds,
 * needs. Implementations are values and are saved with the build.
 */
public interface GuestOperation extends Serializable {

    /** Its name in Jenkinsfiles and messages, such as {@code start}. */
    String name();

    /** What is done, as in "Cannot start VM 100". */
    default String on(Object guest) {
        return this + " " + guest;
    }

    /** What was requested, before "of VM 100". */
    default String noun() {
        return name();
    }

    // ------------------------------------------------------------------------------------- 1. what does it need?

    /**
     * The privileges that an identity needs from finding the guest to confirming the result.
     *
     * @param config {@link GuestConfig#UNKNOWN} if it is not known; then privileges that depend on it are left out
     */
    List<RequiredPrivilege> needs(int vmid, GuestConfig config);

    /** Whether {@link #needs} depends on the guest's configuration, so that it is worth reading. */
    default boolean needsDependOnConfig() {
        return false;
    }

    // --------------------------------------------------- 2. does it make sense, or is there nothing left to do?

    /**
     * Whether its first request changes what cannot be changed back, and requests for which the identity may lack a
     * privilege follow. Then nothing is sent before the identity is known to have all that it {@link #needs}.
     */
    default boolean isOnlyTheBeginning() {
        return false;
    }

    /** Whether guests of that type support the operation. */
    boolean isKnownTo(GuestType type);

    /** Whether there is nothing to do if no such guest exists, rather than an error. */
    default boolean isDoneWithoutGuest() {
        return false;
    }

    /**
     * Whether to wait until a guest that exists, but that the identity may not see, becomes visible or vanishes. A clone
     * belongs to its pool, and comes under the rights on it, only at its end.
     */
    default boolean awaitsHiddenGuest() {
        return false;
    }

    /** Whether to wait until that lock of the guest is released, even if the request does not say so. */
    default boolean outlasts(String lock) {
        return false;
    }

    /** Whether it makes sense for the guest in its current state. */
    Readiness readiness(GuestInspection guest) throws ProxmoxException;

    /**
     * Whether the cluster's list, which is up to ten seconds old, is enough to send the request: if the guest has
     * changed since, the request does no harm and its refusal is understood.
     */
    default boolean isReadyAsListed(ListedGuest listed) {
        return false;
    }

    // -------------------------------------------------------------------------------------------- 3. what is sent?

    /**
     * Sends the request.
     *
     * @param state what is known of the guest, and the {@linkplain OperationState#target() target} that was drawn
     * @param request the timeout and whether to wait for the result
     * @param left what is left of that timeout
     * @return the task; null if everything is done by the time of the answer
     */
    @CheckForNull
    Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException;

    /**
     * The VMID of the guest that the request will create; null for an operation that creates none.
     *
     * @param before what was drawn for an earlier request that Proxmox VE has refused because it has to wait; null before
     *     the first one, and after somebody else has taken that VMID
     */
    @CheckForNull
    default Integer drawTarget(ProxmoxClient client, @Nullable Integer before) throws ProxmoxException {
        return null;
    }

    /** Whether an error means that somebody else took the drawn VMID first, so that another one may be drawn. */
    default boolean isTargetTaken(OperationState state, String serverSaid) {
        return false;
    }

    /** What to do after that refusal, in whole sentences; empty when the refusal itself says enough. */
    default String adviceOn(String serverSaid) {
        return "";
    }

    /** Whether sending the request twice does no harm. */
    default boolean isHarmlessTwice() {
        return true;
    }

    // -------------------------------------------------------- 4. which task is its own, when an answer is lost?

    /** Whether a task of the guest is of the type that the request starts. */
    boolean isTask(Upid task);

    /** What the guest itself shows of the request when no task of it is found. */
    default Trace trace(OperationState state, GuestInspection now) throws ProxmoxException {
        Readiness readiness = readiness(now);
        return readiness instanceof Readiness.Done
                ? Trace.CARRIED_OUT
                : readiness instanceof Readiness.Changing ? Trace.UNDECIDED : Trace.NONE;
    }

    /** Whether its task is cancelled when the time is over, rather than continuing. */
    default boolean cancelsTaskAtTimeout() {
        return false;
    }

    /** Whether the log of its task tells how far it is, as a percentage. */
    default boolean showsProgress() {
        return false;
    }

    // ---------------------------------------------------------------------------------------- 5. when is it reached?

    /** Whether the guest is in the wanted state after the task succeeded. */
    boolean isReached(OperationState state, GuestInspection now) throws ProxmoxException;

    /** What was confirmed, as a clause; null where the state of the guest says it. */
    @CheckForNull
    default String result(OperationState state) {
        return null;
    }

    /** Whether the guest is gone once the operation is complete. */
    default boolean removesGuest() {
        return false;
    }

    /** Why the guest will no longer get there by itself, as the end of a sentence; null while it may. */
    @CheckForNull
    default String failureSeen(GuestStatus now) {
        return null;
    }

    /** How long after its task the guest may take to reach the wanted state. */
    default Duration settling() {
        return Duration.ofSeconds(20);
    }

    /** The wanted state as the end of a sentence, such as {@code running} or {@code stopped}. */
    String goal(GuestType type);

    /** Whether a failed task has left the guest unchanged, so that its current state explains the failure. */
    default boolean leavesGuestAloneOnFailure() {
        return false;
    }

    /** Whether the guest itself has to obey and may not do so, which is a separate kind of failure. */
    default boolean mayBeIgnored() {
        return false;
    }

    /** The operation that follows when the guest ignored this one; null when that is a failure. */
    @CheckForNull
    default GuestOperation lastResort() {
        return null;
    }

    /** Whether a running task of someone else ends this operation's task. */
    default boolean isOverruledBy(Upid task) {
        return false;
    }
}
