package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestQuery;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.build.SnapshotParameters;
import io.jenkins.plugins.proxmox.build.SnapshotTable;
import io.jenkins.plugins.proxmox.pve.guest.IfExists;
import io.jenkins.plugins.proxmox.pve.guest.IfMissing;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotAction;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code proxmoxSnapshot action: 'rollback', vmid: 100, snapshot: 'clean'}: creates, deletes or lists snapshots of a
 * guest, or takes it back to one.
 */
public final class ProxmoxSnapshotStep extends GuestOperationStep {
    private static final long serialVersionUID = 1L;

    private final String action;
    private String snapshot;
    private String description;
    private boolean memory;
    private boolean start;
    private String ifExists;
    private String ifMissing;

    /**
     * @param action one of the names of {@link SnapshotAction}
     */
    @DataBoundConstructor
    public ProxmoxSnapshotStep(String action) {
        this.action = action;
    }

    public String getAction() {
        return action;
    }

    @CheckForNull
    public String getSnapshot() {
        return snapshot;
    }

    @DataBoundSetter
    public void setSnapshot(@CheckForNull String snapshot) {
        this.snapshot = Util.fixEmptyAndTrim(snapshot);
    }

    @CheckForNull
    public String getDescription() {
        return description;
    }

    @DataBoundSetter
    public void setDescription(@CheckForNull String description) {
        this.description = Util.fixEmptyAndTrim(description);
    }

    public boolean isMemory() {
        return memory;
    }

    @DataBoundSetter
    public void setMemory(boolean memory) {
        this.memory = memory;
    }

    public boolean isStart() {
        return start;
    }

    @DataBoundSetter
    public void setStart(boolean start) {
        this.start = start;
    }

    @CheckForNull
    public String getIfExists() {
        return ifExists;
    }

    @DataBoundSetter
    public void setIfExists(@CheckForNull String ifExists) {
        this.ifExists = Util.fixEmptyAndTrim(ifExists);
    }

    @CheckForNull
    public String getIfMissing() {
        return ifMissing;
    }

    @DataBoundSetter
    public void setIfMissing(@CheckForNull String ifMissing) {
        this.ifMissing = Util.fixEmptyAndTrim(ifMissing);
    }

    private SnapshotParameters parameters() {
        return new SnapshotParameters(action, snapshot, description, memory, start, ifExists, ifMissing);
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            SnapshotParameters parameters = parameters();
            parameters.check();
            GuestSelector guest = guest();
            return parameters.chosenAction() == SnapshotAction.LIST
                    ? new Listing(context, this, guest)
                    : new SequenceExecution(context, parameters.operations(this::request), this);
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    /** Asks for the snapshots of the guest. */
    static final class Listing extends QueryExecution {
        private static final long serialVersionUID = 1L;

        private final ProxmoxSnapshotStep step;
        private final GuestSelector guest;

        Listing(StepContext context, ProxmoxSnapshotStep step, GuestSelector guest) {
            super(context);
            this.step = step;
            this.guest = guest;
        }

        @Override
        GuestQuery<?> query(Run<?, ?> build, TaskListener listener) {
            return SnapshotTable.query(build, listener, step.getServer(), step.getCredentialsId(), guest);
        }

        @Override
        public String getStatus() {
            return Messages.ProxmoxSnapshotStep_lists(guest);
        }
    }

    @Extension
    public static final class DescriptorImpl extends GuestOperationStepDescriptor {

        @Override
        public String getFunctionName() {
            return "proxmoxSnapshot";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxSnapshotStep_displayName();
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "action", "snapshot", "vmid", "name");
        }

        @POST
        public ListBoxModel doFillActionItems() {
            return GuestFormFields.choices(SnapshotAction.values());
        }

        @POST
        public ListBoxModel doFillIfExistsItems() {
            return GuestFormFields.optionalChoices(IfExists.values());
        }

        @POST
        public ListBoxModel doFillIfMissingItems() {
            return GuestFormFields.optionalChoices(IfMissing.values());
        }

        @POST
        public FormValidation doCheckSnapshot(
                @AncestorInPath Item item, @QueryParameter String value, @QueryParameter String action) {
            return GuestFormFields.checkSnapshot(item, value, action);
        }
    }
}
