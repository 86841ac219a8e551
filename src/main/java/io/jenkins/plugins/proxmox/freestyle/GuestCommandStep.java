package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.EnvVars;
import hudson.Extension;
import hudson.Util;
import hudson.model.AbstractProject;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.tasks.BuildStepDescriptor;
import hudson.tasks.Builder;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.build.BuildCommand;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.CommandParameters;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.KnownServer;
import io.jenkins.plugins.proxmox.pve.exec.ExecRequest;
import io.jenkins.plugins.proxmox.pve.exec.ExecRun;
import io.jenkins.plugins.proxmox.pve.exec.ExecState;
import io.jenkins.plugins.proxmox.pve.exec.GuestCommand;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** The build step "Proxmox VE: run a command in a guest", the counterpart of {@code proxmoxExec} in Pipelines. */
public final class GuestCommandStep extends GuestBuilder {

    private final String command;
    private String shell;
    private String env;
    private String input;

    /**
     * @param command a script
     */
    @DataBoundConstructor
    public GuestCommandStep(String command) {
        this.command = command;
    }

    public String getCommand() {
        return command;
    }

    @Override
    public String getTimeout() {
        return Objects.requireNonNullElse(values().timeout(), DescriptorImpl.TIMEOUT);
    }

    @CheckForNull
    public String getShell() {
        return shell;
    }

    @DataBoundSetter
    public void setShell(@CheckForNull String shell) {
        this.shell = Util.fixEmptyAndTrim(shell);
    }

    /** Lines of the form {@code NAME=value}. */
    @CheckForNull
    public String getEnv() {
        return env;
    }

    @DataBoundSetter
    public void setEnv(@CheckForNull String env) {
        this.env = Util.fixEmptyAndTrim(env);
    }

    @CheckForNull
    public String getInput() {
        return input;
    }

    @DataBoundSetter
    public void setInput(@CheckForNull String input) {
        this.input = Util.fixEmpty(input);
    }

    @Override
    public void perform(@NonNull Run<?, ?> run, @NonNull EnvVars environment, @NonNull TaskListener listener)
            throws IOException, InterruptedException {
        VariableExpansion expansion = new VariableExpansion(environment);
        GuestFormValues values = values();
        ExecRequest request;
        String where;
        try {
            // the command itself is left as it is: $NAME belongs to the shell in the guest
            GuestCommand whole = CommandParameters.command(command, shell)
                    .with(CommandParameters.environment(expansion.text("env", env)))
                    .reading(Util.fixNull(input));
            request = new ExecRequest(
                    values.guest(expansion),
                    whole,
                    CommandParameters.timeout(expansion.text("timeout", values.timeout())),
                    false);
            where = ProxmoxServers.nameOf(run.getParent(), values.server(expansion));
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
        BuildCommand running = new BuildCommand(
                run,
                listener,
                where,
                values.credentials(),
                new KnownServer(),
                request,
                false,
                ExecState.begin(),
                ExecRun.Progress.UNSAVED);
        ExecutorWait.awaitWhole(running.begin(), running::abort, running::giveUp);
    }

    @Symbol("proxmoxGuestCommand")
    @Extension
    public static final class DescriptorImpl extends BuildStepDescriptor<Builder> implements GuestFormDescriptor {

        /** Seconds, for the form too. */
        public static final String TIMEOUT = String.valueOf(ExecRequest.DEFAULT_TIMEOUT.toSeconds());

        public DescriptorImpl() {
            List.of("vmid", "name", "server", "node", "credentialsId")
                    .forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
        }

        @POST
        public FormValidation doCheckCommand(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkCommand(item, value);
        }

        /** Builds replace variables, also by whole lines. */
        @POST
        public FormValidation doCheckEnv(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.hasVariable(value)
                    ? FormValidation.ok()
                    : GuestFormFields.checkEnvironment(item, value);
        }

        @POST
        public FormValidation doCheckInput(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkInput(item, value);
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.GuestCommandStep_displayName();
        }

        @Override
        @SuppressWarnings("rawtypes") // inherited
        public boolean isApplicable(Class<? extends AbstractProject> jobType) {
            return true;
        }
    }
}
