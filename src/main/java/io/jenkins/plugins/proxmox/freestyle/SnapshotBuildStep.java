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
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.SnapshotParameters;
import io.jenkins.plugins.proxmox.build.SnapshotTable;
import io.jenkins.plugins.proxmox.pve.guest.IfExists;
import io.jenkins.plugins.proxmox.pve.guest.IfMissing;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotAction;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** The build step "Proxmox VE: snapshot of a guest", the counterpart of {@code proxmoxSnapshot} in Pipelines. */
public final class SnapshotBuildStep extends GuestOperationBuilder {

    private final String action;
    private String snapshot;
    private String description;
    private String memory;
    private String start;
    private String ifExists;
    private String ifMissing;

    @DataBoundConstructor
    public SnapshotBuildStep(String action) {
        this.action = action;
    }

    /** One of the names of {@link SnapshotAction}, or an expression for one. */
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

    /** As {@link #getWaitForLock}. */
    public Object getMemory() {
        return GuestParameters.flagOrText(memory, false);
    }

    @DataBoundSetter
    public void setMemory(@CheckForNull Object memory) {
        this.memory = GuestParameters.text(memory);
    }

    /** As {@link #getWaitForLock}. */
    public Object getStart() {
        return GuestParameters.flagOrText(start, false);
    }

    @DataBoundSetter
    public void setStart(@CheckForNull Object start) {
        this.start = GuestParameters.text(start);
    }

    /** One of the names of {@link IfExists}, or an expression for one; null for the default. */
    @CheckForNull
    public String getIfExists() {
        return ifExists;
    }

    @DataBoundSetter
    public void setIfExists(@CheckForNull String ifExists) {
        this.ifExists = Util.fixEmptyAndTrim(ifExists);
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
        try {
            SnapshotParameters parameters = parameters(expansion);
            parameters.check();
            Function<GuestOperation, OperationRequest> requests = values.requests(expansion);
            String on = ProxmoxServers.nameOf(run.getParent(), values.server(expansion));
            if (parameters.chosenAction() == SnapshotAction.LIST) {
                list(run, listener, on, values.credentials(), values.guest(expansion));
            } else {
                BlockingSequence.run(run, listener, on, values.credentials(), parameters.operations(requests));
            }
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
    }

    private SnapshotParameters parameters(VariableExpansion expansion) {
        return new SnapshotParameters(
                expansion.text("action", action),
                expansion.text("snapshot", snapshot),
                expansion.text("description", description),
                GuestParameters.flag("memory", memory, false),
                GuestParameters.flag("start", start, false),
                expansion.text("ifExists", ifExists),
                expansion.text("ifMissing", ifMissing));
    }

    /** Only prints them. */
    private static void list(
            Run<?, ?> run, TaskListener listener, String on, @CheckForNull String credentialsId, GuestSelector guest)
            throws IOException, InterruptedException {
        CompletableFuture<?> answer =
                SnapshotTable.query(run, listener, on, credentialsId, guest).begin();
        ExecutorWait.await(answer, () -> answer.cancel(false));
    }

    @Symbol("proxmoxGuestSnapshot")
    @Extension
    public static final class DescriptorImpl extends BuildStepDescriptor<Builder> implements GuestFormDescriptor {

        public DescriptorImpl() {
            GuestFormDescriptor.FIELDS.stream()
                    .filter(field -> !List.of("timeout", "cancelTask").contains(field))
                    .forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.SnapshotBuildStep_displayName();
        }

        @Override
        @SuppressWarnings("rawtypes") // inherited
        public boolean isApplicable(Class<? extends AbstractProject> jobType) {
            return true;
        }

        @POST
        public ListBoxModel doFillActionItems(@QueryParameter String action) {
            return GuestFormFields.keeping(action, GuestFormFields.choices((Object[]) SnapshotAction.values()));
        }

        @POST
        public ListBoxModel doFillIfExistsItems(@QueryParameter String ifExists) {
            return GuestFormFields.keeping(ifExists, GuestFormFields.optionalChoices((Object[]) IfExists.values()));
        }

        @POST
        public ListBoxModel doFillIfMissingItems(@QueryParameter String ifMissing) {
            return GuestFormFields.keeping(ifMissing, GuestFormFields.optionalChoices((Object[]) IfMissing.values()));
        }

        @POST
        public FormValidation doCheckSnapshot(
                @AncestorInPath Item item, @QueryParameter String value, @QueryParameter String action) {
            return GuestFormFields.checkSnapshot(item, value, action);
        }
    }
}
