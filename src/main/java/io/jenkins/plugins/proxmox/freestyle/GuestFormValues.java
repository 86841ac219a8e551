package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.Util;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import java.time.Duration;
import java.util.function.Function;
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
        @CheckForNull String waitFor,
        @CheckForNull String cancelTask) {

    /** The same, and what to do about a lock, and at an abort. */
    GuestFormValues withLock(@CheckForNull String waitForLock, @CheckForNull String cancelTask) {
        return new GuestFormValues(vmid, name, server, node, credentialsId, timeout, waitForLock, waitFor, cancelTask);
    }

    /** The same, and what to wait for once the guest runs. */
    GuestFormValues waitingFor(@CheckForNull String waitFor) {
        return new GuestFormValues(vmid, name, server, node, credentialsId, timeout, waitForLock, waitFor, cancelTask);
    }

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

    private Duration limit(VariableExpansion expansion, Duration otherwise) {
        String given = expansion.text("timeout", timeout);
        return given == null ? otherwise : GuestParameters.timeout(given);
    }

    Availability waitFor(VariableExpansion expansion) {
        return GuestParameters.waitFor(expansion.text("waitFor", waitFor));
    }

    boolean waitsForLock() {
        return GuestParameters.flag("waitForLock", waitForLock, false);
    }

    boolean cancelsTask() {
        return GuestParameters.flag("cancelTask", cancelTask, false);
    }

    /** Makes the requests of those operations on the guest that is named, awaited. The values are read at once. */
    Function<GuestOperation, OperationRequest> requests(VariableExpansion expansion) {
        return requests(guest(expansion), expansion, OperationRequest.DEFAULT_TIMEOUT);
    }

    /**
     * The same on another guest, with another default for the timeout.
     *
     * @param otherwise the timeout unless one is given
     */
    Function<GuestOperation, OperationRequest> requests(
            GuestSelector guest, VariableExpansion expansion, Duration otherwise) {
        Duration limit = limit(expansion, otherwise);
        boolean waitsForLock = waitsForLock();
        boolean cancelsTask = cancelsTask();
        return operation -> OperationRequest.of(guest, operation)
                .within(limit)
                .waitsForLock(waitsForLock)
                .cancelsTask(cancelsTask);
    }
}
