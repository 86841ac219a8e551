package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.DeletionParameters;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.guest.IfMissing;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.verb.POST;

/** {@code proxmoxDelete vmid: 123}: deletes a guest that this controller has made. */
public final class ProxmoxDeleteStep extends GuestOperationStep {
    private static final long serialVersionUID = 1L;

    private boolean stop;
    private boolean purge;
    private boolean force;
    private String ifMissing;

    @DataBoundConstructor
    public ProxmoxDeleteStep() {
        // the guest is named by VMID or name
    }

    public boolean isStop() {
        return stop;
    }

    @DataBoundSetter
    public void setStop(boolean stop) {
        this.stop = stop;
    }

    public boolean isPurge() {
        return purge;
    }

    @DataBoundSetter
    public void setPurge(boolean purge) {
        this.purge = purge;
    }

    public boolean isForce() {
        return force;
    }

    @DataBoundSetter
    public void setForce(boolean force) {
        this.force = force;
    }

    @CheckForNull
    public String getIfMissing() {
        return ifMissing;
    }

    @DataBoundSetter
    public void setIfMissing(@CheckForNull String ifMissing) {
        this.ifMissing = Util.fixEmptyAndTrim(ifMissing);
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            DeletionParameters parameters = new DeletionParameters(stop, purge, force, ifMissing);
            return new SequenceExecution(context, parameters.operations(this::request), this);
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    @Extension
    public static final class DescriptorImpl extends GuestOperationStepDescriptor {

        @Override
        public String getFunctionName() {
            return "proxmoxDelete";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxDeleteStep_displayName();
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "vmid", "name");
        }

        @POST
        public ListBoxModel doFillIfMissingItems() {
            return GuestFormFields.optionalChoices((Object[]) IfMissing.values());
        }
    }
}
