package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.EnvVars;
import hudson.Extension;
import hudson.Util;
import hudson.model.AbstractBuild;
import hudson.model.AbstractProject;
import hudson.model.Executor;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.tasks.BuildStepDescriptor;
import hudson.tasks.BuildStepMonitor;
import hudson.tasks.Publisher;
import hudson.tasks.Recorder;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import io.jenkins.plugins.proxmox.server.BuildConsole;
import io.jenkins.plugins.proxmox.server.GuestFields;
import java.io.IOException;
import java.util.List;
import jenkins.tasks.SimpleBuildStep;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * The post-build step "Proxmox VE: control a guest": as {@link GuestBuildStep}, but after the build, also after one that
 * failed or was aborted. Its own failure makes the build a failed one.
 */
public final class GuestPostBuildStep extends Recorder implements SimpleBuildStep, GuestControl {

    private final String action;
    private String when = Occasion.ALWAYS.optionName();
    private String vmid;
    private String name;
    private String server;
    private String node;
    private String credentialsId;
    private String timeout = GuestForm.DEFAULT_TIMEOUT;

    /** Null in a job whose file does not have it, which means to wait. */
    private Boolean wait = true;

    private boolean waitForLock;
    private boolean cancelTask;

    /**
     * @param action one of the names of {@link PowerAction}, or an expression for one
     */
    @DataBoundConstructor
    public GuestPostBuildStep(String action) {
        this.action = action;
    }

    /** One of the names of {@link Occasion}, or an expression for one. */
    public String getWhen() {
        return Util.fixNull(when, Occasion.ALWAYS.optionName());
    }

    @DataBoundSetter
    public void setWhen(@CheckForNull String when) {
        String given = Util.fixEmptyAndTrim(when);
        this.when = given == null ? Occasion.ALWAYS.optionName() : given;
    }

    @Override
    public String getAction() {
        return action;
    }

    @CheckForNull
    @Override
    public String getVmid() {
        return vmid;
    }

    @DataBoundSetter
    public void setVmid(@CheckForNull String vmid) {
        this.vmid = Util.fixEmptyAndTrim(vmid);
    }

    @CheckForNull
    @Override
    public String getName() {
        return name;
    }

    @DataBoundSetter
    public void setName(@CheckForNull String name) {
        this.name = Util.fixEmptyAndTrim(name);
    }

    @CheckForNull
    @Override
    public String getServer() {
        return server;
    }

    @DataBoundSetter
    public void setServer(@CheckForNull String server) {
        this.server = Util.fixEmptyAndTrim(server);
    }

    @CheckForNull
    @Override
    public String getNode() {
        return node;
    }

    @DataBoundSetter
    public void setNode(@CheckForNull String node) {
        // blanks are kept: a text that is no node name is to be refused, not mended
        this.node = Util.fixEmpty(node);
    }

    @CheckForNull
    @Override
    public String getCredentialsId() {
        return credentialsId;
    }

    @DataBoundSetter
    public void setCredentialsId(@CheckForNull String credentialsId) {
        this.credentialsId = Util.fixEmptyAndTrim(credentialsId);
    }

    @Override
    public String getTimeout() {
        return Util.fixNull(timeout, GuestForm.DEFAULT_TIMEOUT);
    }

    @DataBoundSetter
    public void setTimeout(@CheckForNull String timeout) {
        String given = Util.fixEmptyAndTrim(timeout);
        this.timeout = given == null ? GuestForm.DEFAULT_TIMEOUT : given;
    }

    @Override
    public boolean isWait() {
        return !Boolean.FALSE.equals(wait);
    }

    @DataBoundSetter
    public void setWait(boolean wait) {
        this.wait = wait;
    }

    @Override
    public boolean isWaitForLock() {
        return waitForLock;
    }

    @DataBoundSetter
    public void setWaitForLock(boolean waitForLock) {
        this.waitForLock = waitForLock;
    }

    @Override
    public boolean isCancelTask() {
        return cancelTask;
    }

    @DataBoundSetter
    public void setCancelTask(boolean cancelTask) {
        this.cancelTask = cancelTask;
    }

    @Override
    public boolean requiresWorkspace() {
        return false;
    }

    @Override
    public BuildStepMonitor getRequiredMonitorService() {
        // nothing of the build before is looked at
        return BuildStepMonitor.NONE;
    }

    @Override
    public void perform(@NonNull Run<?, ?> run, @NonNull EnvVars env, @NonNull TaskListener listener)
            throws IOException, InterruptedException {
        Occasion occasion;
        try {
            occasion = Occasion.of(new Expansion(env).text("when", getWhen()));
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
        Result soFar = run.getResult();
        // null while there has been no trouble
        Result result = soFar == null ? Result.SUCCESS : soFar;
        if (!occasion.isGiven(result)) {
            BuildConsole.of(listener)
                    .accept(Messages.GuestPostBuildStep_skipped(action, result, occasion.optionName()));
            if (soFar == null && !(run instanceof AbstractBuild)) {
                BuildConsole.of(listener).accept(Messages.GuestPostBuildStep_noResultYet());
            }
            return;
        }
        try {
            carryOut(run, env, listener);
        } catch (InterruptedException e) {
            throw aborted(e, run, listener);
        }
    }

    /** Jenkins takes an interrupted post-build step for a failed one, and prints a stack trace of it. */
    private static IOException aborted(InterruptedException e, Run<?, ?> run, TaskListener listener)
            throws InterruptedException {
        Executor executor = Executor.currentExecutor();
        if (executor == null) {
            // in a Pipeline
            throw e;
        }
        run.setResult(executor.abortResult());
        executor.recordCauseOfInterruption(run, listener);
        return new AbortException(Messages.GuestPostBuildStep_aborted());
    }

    @Symbol("proxmoxGuestAfterwards")
    @Extension
    public static final class DescriptorImpl extends BuildStepDescriptor<Publisher> implements GuestForm {

        public DescriptorImpl() {
            GuestForm.FIELDS.forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
            List.of("action", "wait").forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.GuestPostBuildStep_displayName();
        }

        @Override
        @SuppressWarnings("rawtypes") // inherited
        public boolean isApplicable(Class<? extends AbstractProject> jobType) {
            return true;
        }

        @POST
        public ListBoxModel doFillActionItems(@QueryParameter String action) {
            return GuestFields.keeping(action, GuestFields.actions());
        }

        @POST
        public ListBoxModel doFillWhenItems(@QueryParameter String when) {
            return GuestFields.keeping(when, Occasion.menu());
        }
    }
}
