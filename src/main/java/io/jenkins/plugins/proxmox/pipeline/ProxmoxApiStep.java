package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildApiCall;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.KnownServer;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.call.ApiCall;
import io.jenkins.plugins.proxmox.pve.call.ApiCallState;
import io.jenkins.plugins.proxmox.pve.call.CallParameters;
import io.jenkins.plugins.proxmox.pve.call.CallPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code proxmoxApi method: 'GET', path: '/nodes/pve1/qemu/100/config'}: a call of the API that no other step covers,
 * if the settings of the server allow it. Returns the answer as plain values.
 */
public final class ProxmoxApiStep extends ServerStep {
    private static final long serialVersionUID = 1L;

    private final String path;
    private String method = Method.GET.name();
    private Map<String, Object> parameters = Map.of();
    private int timeout = DescriptorImpl.DEFAULT_TIMEOUT;
    private boolean wait = true;
    private boolean cancelTask;

    @DataBoundConstructor
    public ProxmoxApiStep(String path) {
        this.path = path;
    }

    public String getPath() {
        return path;
    }

    public String getMethod() {
        return method;
    }

    @DataBoundSetter
    public void setMethod(@CheckForNull String method) {
        String given = Util.fixEmptyAndTrim(method);
        this.method = given == null ? Method.GET.name() : given;
    }

    public Map<String, Object> getParameters() {
        return parameters;
    }

    /**
     * @param parameters a map, or a text with a line {@code name=value} for each, as the form submits it
     * @throws IllegalArgumentException when a name or value cannot be a parameter
     */
    @DataBoundSetter
    public void setParameters(@CheckForNull Object parameters) {
        this.parameters = CallArguments.of(parameters);
        CallParameters.of(this.parameters);
    }

    /** The parameters as one text, for the form. */
    public String getParametersText() {
        return CallArguments.text(parameters);
    }

    /** Seconds. */
    public int getTimeout() {
        return timeout;
    }

    /**
     * @param timeout a number, or a text that contains one
     * @throws IllegalArgumentException when it is not a possible number of seconds
     */
    @DataBoundSetter
    public void setTimeout(@CheckForNull Object timeout) {
        this.timeout = (int) GuestParameters.timeout(timeout).toSeconds();
    }

    public boolean isWait() {
        return wait;
    }

    @DataBoundSetter
    public void setWait(boolean wait) {
        this.wait = wait;
    }

    public boolean isCancelTask() {
        return cancelTask;
    }

    @DataBoundSetter
    public void setCancelTask(boolean cancelTask) {
        this.cancelTask = cancelTask;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            ApiCall call = ApiCall.of(
                            GuestParameters.choice("method", method, Method.values()),
                            CallPath.parse(path),
                            CallParameters.of(parameters))
                    .within(Duration.ofSeconds(timeout))
                    .awaited(wait)
                    .cancelsTask(cancelTask);
            // before any secret is read; the run asks again before it sends the call
            ProxmoxServers.requireAllowed(context.get(Run.class), getServer(), call);
            return new Execution(context, call, getServer(), getCredentialsId());
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    /** Holds no thread while it waits. The {@link ApiCallState} survives a restart. */
    static final class Execution extends StepExecution {
        private static final long serialVersionUID = 1L;

        private final ApiCall call;

        @CheckForNull
        private String server;

        @CheckForNull
        private final String credentialsId;

        private final KnownServer begun = new KnownServer();

        private volatile ApiCallState state = ApiCallState.begin();

        private transient BuildApiCall running;

        Execution(StepContext context, ApiCall call, @CheckForNull String server, @CheckForNull String credentialsId) {
            super(context);
            this.call = call;
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
            try {
                begin();
            } catch (IOException | InterruptedException e) {
                getContext().onFailure(e);
            }
        }

        private void begin() throws IOException, InterruptedException {
            Run<?, ?> run = getContext().get(Run.class);
            server = ProxmoxServers.nameOf(run.getParent(), server);
            running = new BuildApiCall(
                    run, StepLog.of(getContext()), server, credentialsId, begun, call, state, this::save);
            running.begin().whenComplete(this::end);
        }

        private void end(ApiCallState done, Throwable failure) {
            if (failure instanceof CancellationException) {
                // stop reports this
                return;
            }
            if (failure == null) {
                getContext().onSuccess(done.answer());
            } else {
                getContext().onFailure(failure);
            }
        }

        @Override
        public void stop(@NonNull Throwable cause) {
            if (running == null || running.abort()) {
                getContext().onFailure(cause);
            }
        }

        @Override
        public String getStatus() {
            return (running == null ? state : running.state()).waitsFor(call);
        }

        private CompletionStage<Void> save(ApiCallState reached) {
            state = reached;
            return PipelineSaver.of(getContext());
        }
    }

    @Extension
    public static final class DescriptorImpl extends ServerStepDescriptor {

        /** Seconds, for the form too. */
        public static final int DEFAULT_TIMEOUT = (int) OperationRequest.DEFAULT_TIMEOUT.toSeconds();

        @Override
        public String getFunctionName() {
            return "proxmoxApi";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxApiStep_displayName();
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "method", "path");
        }

        @POST
        public ListBoxModel doFillMethodItems() {
            ListBoxModel menu = new ListBoxModel();
            for (Method each : Method.values()) {
                menu.add(each.name());
            }
            return menu;
        }

        @POST
        public FormValidation doCheckPath(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.check(item, () -> CallPath.parse(value));
        }

        @POST
        public FormValidation doCheckParameters(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.check(item, () -> CallParameters.of(CallArguments.of(value)));
        }
    }
}
