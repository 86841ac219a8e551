package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.model.ServerErrorPattern;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;

/**
 * The server accepted the identity but rejected the request: a wrong parameter, an unknown name, or not possible now.
 */
public final class RequestRejectedException extends ApiException {
    private static final long serialVersionUID = 1L;

    RequestRejectedException(ErrorAnswer failure) {
        super(Texts.of("rejected", SafeText.sentence(failure.toString())), failure);
    }

    /** Whether the guest in the request's path has no configuration on the node in that path. */
    public boolean isNoSuchGuest() {
        return ServerErrorPattern.NO_SUCH_GUEST.isIn(failure().serverSaid());
    }

    /** Whether another task holds the guest's lock, so that the same request may succeed later. */
    public boolean isLockTimeout() {
        return ServerErrorPattern.LOCK_TIMEOUT.isIn(failure().serverSaid());
    }

    /** Whether the server could not begin the task, for example under load. Nothing was done. */
    public boolean isTaskNotBegun() {
        return ServerErrorPattern.TASK_NOT_BEGUN.isIn(failure().serverSaid());
    }

    /** Whether the task has begun but is in no list, because the server could not write it. */
    public boolean isTaskNotListed() {
        return ServerErrorPattern.TASK_NOT_LISTED.isIn(failure().serverSaid());
    }

    /** The lock of the guest that stood in the way, such as {@code backup}, or null. */
    @CheckForNull
    public String lock() {
        return ServerErrorPattern.lockIn(failure().serverSaid());
    }

    /** Whether the cluster, or the part of it that answered, has no quorum and therefore changes nothing. */
    public boolean isWithoutQuorum() {
        return ServerErrorPattern.WITHOUT_QUORUM.isIn(failure().serverSaid());
    }

    /** Whether the node's cluster file system is unavailable, as during a restart of {@code pve-cluster}. */
    public boolean isClusterServiceDown() {
        return ServerErrorPattern.CLUSTER_SERVICE_DOWN.isIn(failure().serverSaid());
    }

    /** Whether the QEMU guest agent is not enabled in the options of the virtual machine. */
    public boolean isAgentNotConfigured() {
        return ServerErrorPattern.AGENT_NOT_CONFIGURED.isIn(failure().serverSaid());
    }

    /** Whether the QEMU guest agent is enabled but does not answer, as while the guest boots. */
    public boolean isAgentSilent() {
        return ServerErrorPattern.AGENT_SILENT.isIn(failure().serverSaid());
    }

    /** Whether the agent did not answer in time, so that it may have carried out the request. */
    public boolean isAgentTimeout() {
        return ServerErrorPattern.AGENT_TIMEOUT.isIn(failure().serverSaid());
    }

    /** Whether the configuration of the QEMU guest agent in the guest does not allow the request. */
    public boolean isBlockedInGuest() {
        return ServerErrorPattern.AGENT_BLOCKS.isIn(failure().serverSaid());
    }

    /** Whether the agent began no such process, or was already asked about its end. */
    public boolean isNoSuchProcess() {
        return ServerErrorPattern.AGENT_HAS_NO_PROCESS.isIn(failure().serverSaid());
    }

    /** Whether the QEMU guest agent answered, but refused or failed. */
    public boolean isAgentError() {
        return ServerErrorPattern.AGENT_ERROR.isIn(failure().serverSaid());
    }

    /** Whether the guest itself could not be asked, for a reason that is in the guest or its options. */
    public boolean isFromAgent() {
        return isAgentNotConfigured() || isAgentSilent() || isAgentError() || isGuestNotRunning();
    }

    /** Whether the guest would have to run for this request. */
    public boolean isGuestNotRunning() {
        return ServerErrorPattern.GUEST_NOT_RUNNING.isIn(failure().serverSaid());
    }

    /**
     * Whether the server refused before it did anything, so that the same request may be sent again. It checks the
     * quorum and the cluster file system before anything else.
     */
    public boolean isRefusedBeforehand() {
        return ServerErrorPattern.REFUSED_WITHOUT_QUORUM.isIn(failure().serverSaid()) || isClusterServiceDown();
    }

    /** Whether the cause may be a temporary problem of the server, such as a cluster service that is restarting. */
    @Override
    public boolean mayPass() {
        return failure().status() >= 500 && !isNotImplemented() && !isNoSuchGuest();
    }

    /** Whether a parameter was rejected (400); {@link ErrorAnswer#errors()} names it. */
    public boolean isWrongParameter() {
        return failure().status() == 400;
    }

    /** Whether the server has no such path or method (501), because it is older than the call. */
    public boolean isNotImplemented() {
        return failure().status() == 501;
    }
}
