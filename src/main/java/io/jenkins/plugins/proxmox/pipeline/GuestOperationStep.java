package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import java.time.Duration;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.DataBoundSetter;

/** The parameters of steps that change a guest. */
@Restricted(NoExternalUse.class)
public abstract class GuestOperationStep extends GuestStep {
    private static final long serialVersionUID = 1L;

    private Integer timeout;
    private boolean waitForLock;
    private boolean cancelTask;

    /** Seconds; null for a default that depends on other parameters. */
    @CheckForNull
    public Integer getTimeout() {
        return (int) limit().toSeconds();
    }

    /** Whether another time than the default is given. */
    final boolean hasTimeout() {
        return timeout != null;
    }

    /** The time unless one is given. */
    Duration defaultTimeout() {
        return OperationRequest.DEFAULT_TIMEOUT;
    }

    /**
     * @param timeout a number, or a text that contains one, as for {@link #setVmid}
     * @throws IllegalArgumentException when it is not a possible number of seconds
     */
    @DataBoundSetter
    public final void setTimeout(@CheckForNull Object timeout) {
        this.timeout = GuestParameters.text(timeout) == null
                ? null
                : (Integer) (int) GuestParameters.timeout(timeout).toSeconds();
    }

    public final boolean isWaitForLock() {
        return waitForLock;
    }

    @DataBoundSetter
    public final void setWaitForLock(boolean waitForLock) {
        this.waitForLock = waitForLock;
    }

    public final boolean isCancelTask() {
        return cancelTask;
    }

    @DataBoundSetter
    public final void setCancelTask(boolean cancelTask) {
        this.cancelTask = cancelTask;
    }

    /**
     * The request for that operation on the guest that the step names, awaited.
     *
     * @throws IllegalArgumentException when no guest is named, or by both VMID and name
     */
    final OperationRequest request(GuestOperation operation) {
        return request(guest(), operation);
    }

    /** The same on another guest. */
    final OperationRequest request(GuestSelector guest, GuestOperation operation) {
        return OperationRequest.of(guest, operation)
                .within(limit())
                .waitsForLock(waitForLock)
                .cancelsTask(cancelTask);
    }

    final Duration limit() {
        return timeout == null ? defaultTimeout() : Duration.ofSeconds(timeout);
    }

    public abstract static class GuestOperationStepDescriptor extends GuestStepDescriptor {

        /** Seconds, for the form too. */
        public static final int DEFAULT_TIMEOUT = (int) OperationRequest.DEFAULT_TIMEOUT.toSeconds();
    }
}
