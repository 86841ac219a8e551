package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.build.BuildCommand;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.CommandParameters;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.KnownServer;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.exec.ExecRequest;
import io.jenkins.plugins.proxmox.pve.exec.ExecResult;
import io.jenkins.plugins.proxmox.pve.exec.ExecRun;
import io.jenkins.plugins.proxmox.pve.exec.ExecState;
import io.jenkins.plugins.proxmox.pve.exec.GuestCommand;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** {@code proxmoxExec vmid: 100, command: ['make', 'test']}: a command in a virtual machine, through its guest agent. */
public final class ProxmoxExecStep extends GuestStep {
    private static final long serialVersionUID = 1L;

    private Serializable command;
    private Serializable shell;
    private TreeMap<String, String> env;
    private String input;
    private int timeout = DescriptorImpl.DEFAULT_TIMEOUT;
    private boolean returnStdout;
    private boolean returnStatus;

    @DataBoundConstructor
    public ProxmoxExecStep() {
        // the guest is named by VMID or by name
    }

    @CheckForNull
    public Object getCommand() {
        return command;
    }

    /**
     * @param command a list of the program and its arguments, or a script as text. Declared as neither, because both are
     *     possible.
     */
    @DataBoundSetter
    public void setCommand(@CheckForNull Object command) {
        this.command = saved(command);
    }

    /** A list or text as it is; anything else is refused later. */
    @CheckForNull
    private static Serializable saved(@CheckForNull Object given) {
        return given == null || given instanceof Serializable ? (Serializable) given : given.toString();
    }

    @CheckForNull
    public Object getShell() {
        return shell;
    }

    /**
     * @param shell the program for a script with its arguments, as text or as a list
     */
    @DataBoundSetter
    public void setShell(@CheckForNull Object shell) {
        this.shell = shell instanceof String text ? Util.fixEmptyAndTrim(text) : saved(shell);
    }

    @CheckForNull
    public Map<String, String> getEnv() {
        return env;
    }

    /** One variable per line, for the form. */
    @Restricted(NoExternalUse.class)
    @NonNull
    public String getEnvLines() {
        return env == null
                ? ""
                : env.entrySet().stream()
                        .map(variable -> variable.getKey() + "=" + variable.getValue())
                        .collect(Collectors.joining("\n"));
    }

    /**
     * @param env a map, or lines of the form {@code NAME=value} as text or as a list
     * @throws IllegalArgumentException when it is neither
     */
    @DataBoundSetter
    public void setEnv(@CheckForNull Object env) {
        Map<String, String> variables = CommandParameters.environment(env);
        this.env = variables.isEmpty() ? null : new TreeMap<>(variables);
    }

    @CheckForNull
    public String getInput() {
        return input;
    }

    @DataBoundSetter
    public void setInput(@CheckForNull String input) {
        this.input = Util.fixEmpty(input);
    }

    /** Seconds. */
    public int getTimeout() {
        return timeout;
    }

    /**
     * @param timeout a number, or a text that contains one, as for {@link #setVmid}
     * @throws IllegalArgumentException when it is not a possible number of seconds
     */
    @DataBoundSetter
    public void setTimeout(@CheckForNull Object timeout) {
        this.timeout = (int) CommandParameters.timeout(timeout).toSeconds();
    }

    public boolean isReturnStdout() {
        return returnStdout;
    }

    @DataBoundSetter
    public void setReturnStdout(boolean returnStdout) {
        this.returnStdout = returnStdout;
    }

    public boolean isReturnStatus() {
        return returnStatus;
    }

    @DataBoundSetter
    public void setReturnStatus(boolean returnStatus) {
        this.returnStatus = returnStatus;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            requireOneResult(returnStdout, returnStatus);
            GuestCommand whole = CommandParameters.command(command, shell)
                    .with(env == null ? Map.of() : env)
                    .reading(Util.fixNull(input));
            ExecRequest request = new ExecRequest(guest(), whole, CommandParameters.timeout(timeout), returnStdout);
            return new Execution(context, request, returnStatus, getServer(), getCredentialsId());
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    private static void requireOneResult(boolean stdout, boolean status) {
        if (stdout && status) {
            throw new IllegalArgumentException(Messages.ProxmoxExecStep_stdoutAndStatus());
        }
    }

    /**
     * Holds no thread while it waits. The {@link ExecState} survives a restart. It is saved before the request is sent,
     * when the command began, now and then while output is logged, and before the files in the guest are removed.
     */
    static final class Execution extends StepExecution implements ExecRun.Progress {
        private static final long serialVersionUID = 1L;

        private final ExecRequest request;
        private final boolean returnStatus;

        @CheckForNull
        private String server;

        @CheckForNull
        private final String credentialsId;

        private final KnownServer begun = new KnownServer();

        private volatile ExecState state = ExecState.begin();

        /** Why the step was stopped. */
        @CheckForNull
        private volatile Throwable stopped;

        private transient volatile BuildCommand command;

        Execution(
                StepContext context,
                ExecRequest request,
                boolean returnStatus,
                @CheckForNull String server,
                @CheckForNull String credentialsId) {
            super(context);
            this.request = request;
            this.returnStatus = returnStatus;
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
                if (stopped != null) {
                    command.abort();
                }
            } catch (IOException | InterruptedException e) {
                getContext().onFailure(e);
            }
        }

        private void begin() throws IOException, InterruptedException {
            Run<?, ?> run = getContext().get(Run.class);
            server = ProxmoxServers.nameOf(run.getParent(), server);
            command = new BuildCommand(
                    run, StepLog.of(getContext()), server, credentialsId, begun, request, returnStatus, state, this);
            command.begin().whenComplete(this::end);
        }

        private void end(@CheckForNull ExecResult result, @CheckForNull Throwable failure) {
            Throwable cause = stopped;
            if (cause != null) {
                // whatever the end of the command met: a build that was aborted is not one that failed
                if (failure != null && !(failure instanceof CancellationException)) {
                    cause.addSuppressed(failure);
                }
                getContext().onFailure(cause);
            } else if (failure != null) {
                getContext().onFailure(failure);
            } else if (returnStatus) {
                getContext().onSuccess(result.exitCode());
            } else {
                getContext().onSuccess(result.stdout());
            }
        }

        /** Ends the command in the guest first; when asked again, leaves it as it is. */
        @Override
        public void stop(@NonNull Throwable cause) {
            BuildCommand running = command;
            if (running == null) {
                getContext().onFailure(cause);
            } else if (stopped == null) {
                stopped = cause;
                running.abort();
            } else {
                running.giveUp();
            }
        }

        @Override
        public String getStatus() {
            BuildCommand running = command;
            return (running == null ? state : running.state()).waitsFor();
        }

        @Override
        public void reached(ExecState reached) {
            state = reached;
        }

        @Override
        public CompletionStage<Void> save(ExecState reached) {
            state = reached;
            return PipelineSaver.of(getContext());
        }
    }

    @Extension
    public static final class DescriptorImpl extends GuestStepDescriptor {

        /** Seconds, for the form too. */
        public static final int DEFAULT_TIMEOUT = (int) ExecRequest.DEFAULT_TIMEOUT.toSeconds();

        @Override
        public String getFunctionName() {
            return "proxmoxExec";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxExecStep_displayName();
        }

        @POST
        public FormValidation doCheckCommand(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkCommand(item, value);
        }

        @POST
        public FormValidation doCheckEnv(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkEnvironment(item, value);
        }

        @POST
        public FormValidation doCheckInput(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkInput(item, value);
        }

        @POST
        public FormValidation doCheckReturnStatus(
                @AncestorInPath Item item, @QueryParameter boolean value, @QueryParameter boolean returnStdout) {
            return GuestFormFields.check(item, () -> requireOneResult(returnStdout, value));
        }

        @Override
        public Step newInstance(Map<String, Object> arguments) throws Exception {
            Step step = super.newInstance(arguments);
            // otherwise, input that consists of blanks would count as not given
            if (step instanceof ProxmoxExecStep exec && arguments.get("input") instanceof CharSequence input) {
                exec.setInput(input.toString());
            }
            return step;
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "command", "vmid", "name");
        }
    }
}
