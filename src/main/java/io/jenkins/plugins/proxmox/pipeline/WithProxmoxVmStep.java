package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.LeaseTerms;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code withProxmoxVm(vmid: 100) { … }}: runs the body while the guest is running, then puts the guest back as it was
 * found, whatever happened in the body.
 */
public final class WithProxmoxVmStep extends GuestOperationStep {
    private static final long serialVersionUID = 1L;

    private String onExit = DescriptorImpl.DEFAULT_ON_EXIT;

    @DataBoundConstructor
    public WithProxmoxVmStep() {
        // the guest is named by VMID or by name
    }

    /** One of the names of {@link OnExit}. */
    @NonNull
    public String getOnExit() {
        return onExit;
    }

    @DataBoundSetter
    public void setOnExit(@CheckForNull String onExit) {
        String given = Util.fixEmptyAndTrim(onExit);
        this.onExit = given == null ? DescriptorImpl.DEFAULT_ON_EXIT : given;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            return new WithProxmoxVmExecution(
                    context,
                    new LeaseTerms(
                            getServer(),
                            getCredentialsId(),
                            guest(),
                            limit(),
                            isWaitForLock(),
                            isCancelTask(),
                            GuestParameters.choice("onExit", onExit, OnExit.values())));
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    @Extension
    public static final class DescriptorImpl extends GuestOperationStepDescriptor {

        /** For the form too. */
        public static final String DEFAULT_ON_EXIT = OnExit.RESTORE.optionName();

        @Override
        public String getFunctionName() {
            return "withProxmoxVm";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.WithProxmoxVmStep_displayName();
        }

        @Override
        public boolean takesImplicitBlockArgument() {
            return true;
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "vmid", "name");
        }

        @POST
        public ListBoxModel doFillOnExitItems() {
            return GuestFormFields.onExits();
        }
    }
}
