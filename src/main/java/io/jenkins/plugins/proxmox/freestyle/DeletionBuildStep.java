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
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.DeletionParameters;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.guest.IfMissing;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** The build step "Proxmox VE: delete a guest", the counterpart of {@code proxmoxDelete} in Pipelines. */
public final class DeletionBuildStep extends GuestOperationBuilder {

    private String stop;
    private String purge;
    private String force;
    private String ifMissing;

    @DataBoundConstructor
    public DeletionBuildStep() {
        // the guest is named by VMID or name
    }

    /** As {@link #getWaitForLock}. */
    public Object getStop() {
        return GuestParameters.flagOrText(stop, false);
    }

    @DataBoundSetter
    public void setStop(@CheckForNull Object stop) {
        this.stop = GuestParameters.text(stop);
    }

    /** As {@link #getWaitForLock}. */
    public Object getPurge() {
        return GuestParameters.flagOrText(purge, false);
    }

    @DataBoundSetter
    public void setPurge(@CheckForNull Object purge) {
        this.purge = GuestParameters.text(purge);
    }

    /** As {@link #getWaitForLock}. */
    public Object getForce() {
        return GuestParameters.flagOrText(force, false);
    }

    @DataBoundSetter
    public void setForce(@CheckForNull Object force) {
        this.force = GuestParameters.text(force);
    }

    /** One of the names of {@link IfMissing}, or an expression for one; null for the default. */
    @CheckForNull
    public String getIfMissing() {
        return ifMissing;
    }

    @DataBoundSetter
    public void setIfMissing(@CheckForNull String ifMissing) {
        this.ifMissing = Util.fixEmptyAndTrim(ifMissing);
    }

    @Override
    public void perform(@NonNull Run<?, ?> run, @NonNull EnvVars env, @NonNull TaskListener listener)
            throws IOException, InterruptedException {
        VariableExpansion expansion = new VariableExpansion(env);
        GuestFormValues values = values();
        OperationSequence operations;
        String on;
        try {
            operations = new DeletionParameters(
                            GuestParameters.flag("stop", stop, false),
                            GuestParameters.flag("purge", purge, false),
                            GuestParameters.flag("force", force, false),
                            expansion.text("ifMissing", ifMissing))
                    .operations(values.requests(expansion));
            on = ProxmoxServers.nameOf(run.getParent(), values.server(expansion));
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
        BlockingSequence.run(run, listener, on, values.credentials(), operations);
    }

    @Symbol("proxmoxGuestDeletion")
    @Extension
    public static final class DescriptorImpl extends BuildStepDescriptor<Builder> implements GuestFormDescriptor {

        public DescriptorImpl() {
            GuestFormDescriptor.FIELDS.stream()
                    .filter(field -> !field.equals("cancelTask"))
                    .forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.DeletionBuildStep_displayName();
        }

        @Override
        @SuppressWarnings("rawtypes") // inherited
        public boolean isApplicable(Class<? extends AbstractProject> jobType) {
            return true;
        }

        @POST
        public ListBoxModel doFillIfMissingItems(@QueryParameter String ifMissing) {
            return GuestFormFields.keeping(ifMissing, GuestFormFields.optionalChoices((Object[]) IfMissing.values()));
        }
    }
}
