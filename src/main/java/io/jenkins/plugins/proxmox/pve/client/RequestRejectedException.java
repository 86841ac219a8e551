package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.model.ErrorTexts;
import io.jenkins.plugins.proxmox.pve.text.Text;

/** The server understood who asked but did not do it: wrong parameter, nothing of that name, or not possible now. */
public final class RequestRejectedException extends ApiException {
    private static final long serialVersionUID = 1L;

    RequestRejectedException(ApiFailure failure) {
        super(Texts.of("rejected", Text.sentence(failure.toString())), failure);
    }

    /** Whether the guest of the request's path has no configuration on the node of that path. */
    public boolean isNoSuchGuest() {
        return ErrorTexts.isNoSuchGuest(failure().serverSaid());
    }

    /** Whether another task holds the guest's lock, so that the same request may succeed later. */
    public boolean isLockTimeout() {
        return ErrorTexts.isLockTimeout(failure().serverSaid());
    }

    /** Whether the server could not begin the task that was to carry it out, as under load; nothing was done. */
    public boolean isTaskNotBegun() {
        return ErrorTexts.isTaskNotBegun(failure().serverSaid());
    }

    /** Whether the task has begun but is in no list, since the server could not write that. */
    public boolean isTaskNotListed() {
        return ErrorTexts.isTaskNotListed(failure().serverSaid());
    }

    /** The lock of the guest that stood in the way, such as {@code backup}, or null. */
    @CheckForNull
    public String lock() {
        return ErrorTexts.lockIn(failure().serverSaid());
    }

    /** Whether the cluster, or the part of it that was asked, has no quorum and therefore changes nothing. */
    public boolean isWithoutQuorum() {
        return ErrorTexts.isWithoutQuorum(failure().serverSaid());
    }

    /** Whether the node's cluster file system is not there, as while {@code pve-cluster} is being restarted. */
    public boolean isClusterServiceDown() {
        return ErrorTexts.isClusterServiceDown(failure().serverSaid());
    }

    /**
     * Whether the server refused before it began, so that the same request may be sent again: it looks for quorum, and
     * asks the cluster file system, before anything else.
     */
    public boolean isRefusedBeforehand() {
        return ErrorTexts.isRefusedWithoutQuorum(failure().serverSaid()) || isClusterServiceDown();
    }

    /** Whether it may be a trouble of the server that passes, such as a cluster service that is being restarted. */
    @Override
    public boolean mayPass() {
        return failure().status() >= 500 && !isNotImplemented() && !isNoSuchGuest();
    }

    /** Whether a parameter was refused (400); {@link ApiFailure#errors()} tells which. */
    public boolean isWrongParameter() {
        return failure().status() == 400;
    }

    /** Whether the server has no such path or method (501), as an older version than the call needs. */
    public boolean isNotImplemented() {
        return failure().status() == 501;
    }
}
