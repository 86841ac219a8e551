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
public final class GuestBuildStep extends GuestOperationBuilder implements GuestActionStep {

    private final String action;
    private String wait;
    private String forceStop;
    private String waitFor;

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
        return super.values().waitingFor(waitFor);
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
    public void setWaitFor(@CheckForNull String waitFor) {
        this.waitFor = Util.fixEmptyAndTrim(waitFor);
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
