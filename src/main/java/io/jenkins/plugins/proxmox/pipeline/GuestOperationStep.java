package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import java.time.Duration;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.DataBoundSetter;

/** The parameters of steps that change a guest. */
@Restricted(NoExternalUse.class)
public abstract class GuestOperationStep extends GuestStep {
    private static final long serialVersionUID = 1L;

    private int timeout = GuestOperationStepDescriptor.DEFAULT_TIMEOUT;
    private boolean waitForLock;
    private boolean cancelTask;

    /** Seconds. */
    public final int getTimeout() {
        return timeout;
    }

    /**
     * @param timeout a number, or a text that contains one, as for {@link #setVmid}
     * @throws IllegalArgumentException when it is not a possible number of seconds
     */
    @DataBoundSetter
    public final void setTimeout(@CheckForNull Object timeout) {
        this.timeout = (int) GuestParameters.timeout(timeout).toSeconds();
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

    final Duration limit() {
        return Duration.ofSeconds(timeout);
    }

    public abstract static class GuestOperationStepDescriptor extends GuestStepDescriptor {

        /** Seconds, for the form too. */
        public static final int DEFAULT_TIMEOUT = (int) OperationRequest.DEFAULT_TIMEOUT.toSeconds();
    }
}
