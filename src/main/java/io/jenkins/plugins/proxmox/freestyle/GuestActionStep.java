package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.EnvVars;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.sequence.FixedSequence;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.util.function.Function;
import jenkins.tasks.SimpleBuildStep;

/** A power action with its options, as the forms of build step and post-build step give it. */
interface GuestActionStep extends SimpleBuildStep, GuestForm {

    /** One of the names of {@link GuestActions}, or an expression for one. */
    String getAction();

    /** True or false, or a text that is neither, as {@link GuestForm#getWaitForLock}. */
    Object getWait();

    /** As {@link #getWait}. */
    Object getForceStop();

    @Override
    default boolean requiresWorkspace() {
        return false;
    }

    /** Carries it out in the calling thread; the steps after it find the guest in their environment. */
    default void carryOut(@NonNull Run<?, ?> run, @NonNull EnvVars environment, @NonNull TaskListener listener)
            throws IOException, InterruptedException {
        VariableExpansion expansion = new VariableExpansion(environment);
        GuestFormValues values = values();
        OperationRequest request;
        String server;
        try {
            Function<GuestOperation, OperationRequest> requests = values.requests(expansion);
            GuestOperation operation = expansion.choice("action", getAction(), GuestActions.values());
            boolean forced = GuestParameters.flag("forceStop", getForceStop(), false);
            request = requests.apply(forced ? GuestActions.forcingStop(operation) : operation)
                    .awaited(GuestParameters.flag("wait", getWait(), true))
                    .until(values.waitFor(expansion));
            server = ProxmoxServers.nameOf(run.getParent(), values.server(expansion));
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
        BlockingSequence.run(run, listener, server, values.credentials(), FixedSequence.of(request));
    }
}
