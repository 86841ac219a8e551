package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.DataBoundSetter;

/** The fields of a build step that changes a guest, in addition to those that name it. */
@Restricted(NoExternalUse.class)
public abstract class GuestOperationBuilder extends GuestBuilder {

    private String waitForLock;
    private String cancelTask;

    @Override
    public GuestFormValues values() {
        return super.values().withLock(waitForLock, cancelTask);
    }

    @DataBoundSetter
    public final void setWaitForLock(@CheckForNull Object waitForLock) {
        this.waitForLock = GuestParameters.text(waitForLock);
    }

    @DataBoundSetter
    public final void setCancelTask(@CheckForNull Object cancelTask) {
        this.cancelTask = GuestParameters.text(cancelTask);
    }
}
