package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import java.util.Objects;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;

/** The fields that all forms of this package show. Their setters are in classes, where data binding looks for them. */
@Restricted(NoExternalUse.class)
public interface GuestForm {

    /** What was typed. */
    GuestFormValues values();

    @CheckForNull
    default String getVmid() {
        return values().vmid();
    }

    @CheckForNull
    default String getName() {
        return values().name();
    }

    @CheckForNull
    default String getServer() {
        return values().server();
    }

    @CheckForNull
    default String getNode() {
        return values().node();
    }

    @CheckForNull
    default String getCredentialsId() {
        return values().credentialsId();
    }

    default String getTimeout() {
        return Objects.requireNonNullElse(values().timeout(), GuestFormDescriptor.DEFAULT_TIMEOUT);
    }

    /**
     * True or false; or a text that is neither, which the build refuses: a job must be read whatever its file holds, and
     * a Pipeline that makes one of these must not fail with a stack trace.
     */
    default Object getWaitForLock() {
        return GuestParameters.flagOrText(values().waitForLock(), false);
    }

    /** What to wait for once the guest runs, or an expression for it; null for nothing more. */
    @CheckForNull
    default String getWaitFor() {
        return values().waitFor();
    }

    /** As {@link #getWaitForLock}. */
    default Object getCancelTask() {
        return GuestParameters.flagOrText(values().cancelTask(), false);
    }
}
