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
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import java.io.IOException;
import java.util.List;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * The post-build step "Proxmox VE: control a guest": like {@link GuestBuildStep}, but after the build, even one that
 * failed or was aborted. If the step fails, the build fails.
 */
public final class GuestPostBuildStep extends Recorder implements GuestActionStep {

    private final String action;
    private String when;
    private String vmid;
    private String name;
    private String server;
    private String node;
    private String credentialsId;
    private String timeout;
    private String wait;
    private String forceStop;
    private String waitForLock;
    private String waitFor;
    private String cancelTask;

    @DataBoundConstructor
    public GuestPostBuildStep(String action) {
        this.action = action;
    }

    /** One of the names of {@link BuildCondition}, or an expression for one. */
    public String getWhen() {
        String given = GuestParameters.text(when);
        return given == null ? BuildCondition.ALWAYS.toString() : given;
    }

    @DataBoundSetter
    public void setWhen(@CheckForNull String when) {
        this.when = when;
    }

    @Override
    public String getAction() {
        return action;
    }

    @Override
    public GuestFormValues values() {
        return new GuestFormValues(vmid, name, server, node, credentialsId, timeout, waitForLock, waitFor, cancelTask);
    }

    @DataBoundSetter
    public void setVmid(@CheckForNull Object vmid) {
        this.vmid = GuestParameters.text(vmid);
    }

    @DataBoundSetter
    public void setName(@CheckForNull String name) {
        this.name = Util.fixEmptyAndTrim(name);
    }

    @DataBoundSetter
    public void setServer(@CheckForNull String server) {
        this.server = Util.fixEmptyAndTrim(server);
    }

    @DataBoundSetter
    public void setNode(@CheckForNull String node) {
        this.node = GuestParameters.node(node);
    }

    @DataBoundSetter
    public void setCredentialsId(@CheckForNull String credentialsId) {
        this.credentialsId = Util.fixEmptyAndTrim(credentialsId);
    }

    @DataBoundSetter
    public void setTimeout(@CheckForNull Object timeout) {
        this.timeout = GuestParameters.text(timeout);
    }

    @Override
    public Object getWait() {
        return GuestParameters.flagOrText(wait, true);
    }

    @DataBoundSetter
    public void setWait(@CheckForNull Object wait) {
        this.wait = GuestParameters.text(wait);
    }

    @Override
    public Object getForceStop() {
        return GuestParameters.flagOrText(forceStop, false);
    }

    @DataBoundSetter
    public void setForceStop(@CheckForNull Object forceStop) {
        this.forceStop = GuestParameters.text(forceStop);
    }

    @DataBoundSetter
    public void setWaitForLock(@CheckForNull Object waitForLock) {
        this.waitForLock = GuestParameters.text(waitForLock);
    }

    @DataBoundSetter
    public void setWaitFor(@CheckForNull String waitFor) {
        this.waitFor = Util.fixEmptyAndTrim(waitFor);
    }

    @DataBoundSetter
    public void setCancelTask(@CheckForNull Object cancelTask) {
        this.cancelTask = GuestParameters.text(cancelTask);
    }

    @Override
    public BuildStepMonitor getRequiredMonitorService() {
        // does not depend on earlier builds
        return BuildStepMonitor.NONE;
    }

    @Override
    public void perform(@NonNull Run<?, ?> run, @NonNull EnvVars env, @NonNull TaskListener listener)
            throws IOException, InterruptedException {
        BuildCondition condition;
        try {
            condition = new VariableExpansion(env).choice("when", getWhen(), BuildCondition.values());
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
        Result soFar = run.getResult();
        // null if there was no problem so far
        Result result = soFar == null ? Result.SUCCESS : soFar;
        if (!condition.isGiven(result)) {
            BuildConsole.of(listener).accept(Messages.GuestPostBuildStep_skipped(action, result, condition));
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

    /**
     * Returns the exception for an aborted build. Jenkins treats an interrupted post-build step as failed and prints a
     * stack trace.
     */
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
    public static final class DescriptorImpl extends BuildStepDescriptor<Publisher> implements GuestFormDescriptor {

        public DescriptorImpl() {
            GuestFormDescriptor.FIELDS.forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
            List.of("action", "wait", "forceStop")
                    .forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
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
            return GuestFormFields.keeping(action, GuestFormFields.actions());
        }

        @POST
        public ListBoxModel doFillWhenItems(@QueryParameter String when) {
            return GuestFormFields.keeping(when, BuildCondition.menu());
        }
    }
}
