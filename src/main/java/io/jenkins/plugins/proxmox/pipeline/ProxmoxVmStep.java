package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.BuildOperation;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code proxmoxVm action: 'start', vmid: 100}: an operation on a guest, awaited until the guest is in the requested
 * state.
 */
public final class ProxmoxVmStep extends GuestOperationStep {
    private static final long serialVersionUID = 1L;

    private final String action;
    private boolean wait = true;

    /**
     * @param action one of the names of {@link GuestActions}
     */
    @DataBoundConstructor
    public ProxmoxVmStep(String action) {
        this.action = action;
    }

    public String getAction() {
        return action;
    }

    public boolean isWait() {
        return wait;
    }

    @DataBoundSetter
    public void setWait(boolean wait) {
        this.wait = wait;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            OperationRequest request = OperationRequest.of(
                            guest(), GuestParameters.choice("action", action, GuestActions.values()))
                    .within(limit())
                    .awaited(wait)
                    .waitsForLock(isWaitForLock())
                    .cancelsTask(isCancelTask());
            return new Execution(context, request, getServer(), getCredentialsId());
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    /**
     * Holds no thread while it waits. The {@link OperationState} survives a restart. It is saved at each phase, above
     * all before the request is sent and after it was sent.
     */
    static final class Execution extends StepExecution {
        private static final long serialVersionUID = 1L;

        private final OperationRequest request;

        @CheckForNull
        private String server;

        @CheckForNull
        private final String credentialsId;

        private volatile OperationState state = OperationState.begin();

        private transient BuildOperation operation;

        Execution(
                StepContext context,
                OperationRequest request,
                @CheckForNull String server,
                @CheckForNull String credentialsId) {
            super(context);
            this.request = request;
            this.server = server;
            this.credentialsId = credentialsId;
        }

        @Override
        public boolean start() throws IOException, InterruptedException {
            begin();
            return false;
        }

        @Override
        public void onResume() {
            state = state.resumed();
            try {
                begin();
            } catch (IOException | InterruptedException e) {
                getContext().onFailure(e);
            }
        }

        private void begin() throws IOException, InterruptedException {
            Run<?, ?> run = getContext().get(Run.class);
            server = ProxmoxServers.nameOf(run.getParent(), server);
            operation = new BuildOperation(
                    run, getContext().get(TaskListener.class), server, credentialsId, request, state, this::save);
            operation.begin().whenComplete(this::end);
        }

        private void end(OperationState done, Throwable failure) {
            if (failure instanceof CancellationException) {
                // stop reports this
                return;
            }
            if (failure == null) {
                getContext().onSuccess(result(done));
            } else {
                getContext().onFailure(failure);
            }
        }

        @Override
        public void stop(@NonNull Throwable cause) {
            if (operation == null || operation.abort()) {
                getContext().onFailure(cause);
            }
        }

        @Override
        public String getStatus() {
            return (operation == null ? state : operation.state()).waitsFor();
        }

        private CompletionStage<Void> save(OperationState reached) {
            state = reached;
            return PipelineSaver.of(getContext(), reached.phase());
        }

        private static Map<String, Object> result(OperationState done) {
            ObservedGuest guest = done.guest();
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("vmid", guest.location().vmid());
            result.put("name", guest.name());
            result.put("node", guest.location().node());
            result.put("type", guest.location().type().apiName());
            result.put("status", guest.status());
            result.put("changed", done.changed());
            result.put("upid", done.upid() == null ? null : done.upid().text());
            result.put(
                    "durationMillis",
                    Duration.between(done.begun(), Instant.now()).toMillis());
            return result;
        }
    }

    @Extension
    public static final class DescriptorImpl extends GuestOperationStepDescriptor {

        @Override
        public String getFunctionName() {
            return "proxmoxVm";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxVmStep_displayName();
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "action", "vmid", "name");
        }

        @POST
        public ListBoxModel doFillActionItems() {
            return GuestFormFields.actions();
        }
    }
}
