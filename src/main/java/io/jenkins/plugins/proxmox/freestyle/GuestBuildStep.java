package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.EnvVars;
import hudson.Extension;
import hudson.Util;
import hudson.model.AbstractProject;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.tasks.BuildStepDescriptor;
import hudson.tasks.Builder;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import java.io.IOException;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** The build step "Proxmox VE: control a guest", the counterpart of {@code proxmoxVm} in Pipelines. */
public final class GuestBuildStep extends Builder implements GuestActionStep {

    private final String action;
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
    public GuestBuildStep(String action) {
        this.action = action;
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
    public void perform(@NonNull Run<?, ?> run, @NonNull EnvVars env, @NonNull TaskListener listener)
            throws IOException, InterruptedException {
        carryOut(run, env, listener);
    }

    @Symbol("proxmoxGuest")
    @Extension
    public static final class DescriptorImpl extends BuildStepDescriptor<Builder> implements GuestFormDescriptor {

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.GuestBuildStep_displayName();
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
    }
}
