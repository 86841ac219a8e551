package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.sequence.FixedSequence;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code proxmoxVm action: 'start', vmid: 100}: an operation on a guest, awaited until the guest is in the requested
 * state.
 */
public final class ProxmoxVmStep extends GuestOperationStep {
    private static final long serialVersionUID = 1L;

    private final String action;
    private boolean wait = true;
    private String waitFor;
    private boolean forceStop;

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

    /** Whether a guest that ignores its shutdown is stopped. */
    public boolean isForceStop() {
        return forceStop;
    }

    @DataBoundSetter
    public void setForceStop(boolean forceStop) {
        this.forceStop = forceStop;
    }

    /** As {@link GuestParameters#waitFor} reads it; null for nothing more than that the guest runs. */
    @CheckForNull
    public String getWaitFor() {
        return waitFor;
    }

    @DataBoundSetter
    public void setWaitFor(@CheckForNull String waitFor) {
        this.waitFor = Util.fixEmptyAndTrim(waitFor);
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            GuestSelector guest = guest();
            GuestOperation operation = GuestParameters.choice("action", action, GuestActions.values());
            OperationRequest request = request(guest, forceStop ? GuestActions.forcingStop(operation) : operation)
                    .awaited(wait)
                    .until(GuestParameters.waitFor(waitFor));
            return new SequenceExecution(context, FixedSequence.of(request), this);
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
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

        @POST
        public FormValidation doCheckWaitFor(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkWaitFor(item, value);
        }
    }
}
