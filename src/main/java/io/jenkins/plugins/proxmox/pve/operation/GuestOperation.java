package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.RequiredPrivilege;
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

    /** Whether guests of that type support the operation. */
    boolean isKnownTo(GuestType type);

    /** Whether it makes sense for the guest in its current state. */
    Readiness readiness(GuestStatus now, boolean template);

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
     * @param request the timeout and whether to wait for the result
     * @param left what is left of that timeout
     * @return the task
     */
    Upid send(ProxmoxClient client, ObservedGuest guest, OperationRequest request, Duration left)
            throws ProxmoxException;

    /** Whether sending the request twice does no harm. */
    default boolean isHarmlessTwice() {
        return true;
    }

    // -------------------------------------------------------- 4. which task is its own, when an answer is lost?

    /** Whether a task of the guest is of the type that the request starts. */
    boolean isTask(Upid task);

    /** Whether the guest itself shows that the request was carried out although no task for it is found. */
    default boolean isSeenWithoutTask(ObservedGuest before, GuestStatus now) {
        return readiness(now, false) instanceof Readiness.Done;
    }

    // ---------------------------------------------------------------------------------------- 5. when is it reached?

    /** Whether the guest is in the wanted state after the task succeeded. */
    boolean isReached(ObservedGuest before, GuestStatus now);

    /** Why the guest will no longer get there by itself, as the end of a sentence; null while it may. */
    @CheckForNull
    default String failureSeen(GuestStatus now) {
        return null;
    }

    /** How long after its task the guest may take to reach the wanted state. */
    default Duration settling() {
        return Duration.ofSeconds(20);
    }

    /** The wanted state in one word: {@code running}, {@code stopped}, {@code paused} or {@code hibernated}. */
    String goal(GuestType type);

    /** Whether a failed task has left the guest unchanged, so that its current state explains the failure. */
    default boolean leavesGuestAloneOnFailure() {
        return false;
    }

    /** Whether the guest itself has to obey and may not do so, which is a separate kind of failure. */
    default boolean mayBeIgnored() {
        return false;
    }

    /** Whether a running task of someone else ends this operation's task. */
    default boolean isOverruledBy(Upid task) {
        return false;
    }
}
