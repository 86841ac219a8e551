package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.EnvVars;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.BuildOperation;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationRun;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import jenkins.tasks.SimpleBuildStep;

/** A power action with its options, as the forms of build step and post-build step give it. */
interface GuestActionStep extends SimpleBuildStep, GuestForm {

    /** One of the names of {@link GuestActions}, or an expression for one. */
    String getAction();

    /** True or false, or a text that is neither, as {@link GuestForm#getWaitForLock}. */
    Object getWait();

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
            request = OperationRequest.of(
                            values.guest(expansion), expansion.choice("action", getAction(), GuestActions.values()))
                    .within(values.limit(expansion))
                    .awaited(GuestParameters.flag("wait", getWait(), true))
                    .waitsForLock(values.waitsForLock())
                    .cancelsTask(values.cancelsTask());
            server = ProxmoxServers.nameOf(run.getParent(), values.server(expansion));
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
        BuildOperation operation = new BuildOperation(
                run,
                listener,
                server,
                values.credentials(),
                request,
                OperationState.begin(),
                OperationRun.Progress.UNSAVED);
        OperationState done = ExecutorWait.await(operation.begin(), operation::abort);
        run.addOrReplaceAction(new GuestVariables(done.guest()));
    }
}
