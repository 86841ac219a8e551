package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.Util;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import java.time.Duration;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;

/**
 * What a form says about the guest, the server, the identity and the waits: texts as they were typed, which may hold
 * variables such as {@code ${VMID}}. They are read when the build runs. All methods that read throw an
 * {@link IllegalArgumentException} that names the field.
 */
@Restricted(NoExternalUse.class)
public record GuestFormValues(
        @CheckForNull String vmid,
        @CheckForNull String name,
        @CheckForNull String server,
        @CheckForNull String node,
        @CheckForNull String credentialsId,
        @CheckForNull String timeout,
        @CheckForNull String waitForLock,
        @CheckForNull String cancelTask) {

    GuestSelector guest(VariableExpansion expansion) {
        return GuestParameters.selector(
                GuestParameters.vmid(expansion.text("vmid", vmid)),
                expansion.text("name", name),
                expansion.text("node", node));
    }

    /** The server; null for the default. */
    @CheckForNull
    String server(VariableExpansion expansion) {
        return Util.fixEmptyAndTrim(expansion.text("server", server));
    }

    /** The credentials; null for those of the server. Not expanded here: a credentials parameter has rules of its own. */
    @CheckForNull
    String credentials() {
        return Util.fixEmptyAndTrim(credentialsId);
    }

    Duration limit(VariableExpansion expansion) {
        return GuestParameters.timeout(expansion.text("timeout", timeout));
    }

    boolean waitsForLock() {
        return GuestParameters.flag("waitForLock", waitForLock, false);
    }

    boolean cancelsTask() {
        return GuestParameters.flag("cancelTask", cancelTask, false);
    }
}
