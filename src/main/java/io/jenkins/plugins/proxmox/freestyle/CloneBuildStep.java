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
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.CloneParameters;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** The build step "Proxmox VE: clone a guest", the counterpart of {@code proxmoxClone} in Pipelines. */
public final class CloneBuildStep extends GuestOperationBuilder implements CloneForm {

    private final String template;
    private String targetNode;
    private String storage;
    private String pool;
    private String full;
    private String snapshot;
    private String tags;
    private String description;
    private String cores;
    private String memory;
    private String diskSize;
    private String ciUser;
    private String sshKeys;
    private String ipConfig;
    private String nameserver;
    private String start;
    private String waitFor;

    /**
     * @param template the VMID or the name of the guest to clone, or an expression for one
     */
    @DataBoundConstructor
    public CloneBuildStep(@CheckForNull Object template) {
        this.template = GuestParameters.text(template);
    }

    @CheckForNull
    @Override
    public String getTemplate() {
        return template;
    }

    @Override
    public GuestFormValues values() {
        return super.values().waitingFor(waitFor);
    }

    @Override
    public CloneFormValues cloneValues() {
        return new CloneFormValues(
                targetNode,
                storage,
                pool,
                full,
                snapshot,
                tags,
                description,
                cores,
                memory,
                diskSize,
                ciUser,
                sshKeys,
                ipConfig,
                nameserver);
    }

    @DataBoundSetter
    public void setTargetNode(@CheckForNull Object targetNode) {
        this.targetNode = GuestParameters.text(targetNode);
    }

    @DataBoundSetter
    public void setStorage(@CheckForNull Object storage) {
        this.storage = GuestParameters.text(storage);
    }

    @DataBoundSetter
    public void setPool(@CheckForNull Object pool) {
        this.pool = GuestParameters.text(pool);
    }

    @DataBoundSetter
    public void setFull(@CheckForNull Object full) {
        this.full = GuestParameters.text(full);
    }

    @DataBoundSetter
    public void setSnapshot(@CheckForNull Object snapshot) {
        this.snapshot = GuestParameters.text(snapshot);
    }

    @DataBoundSetter
    public void setTags(@CheckForNull Object tags) {
        this.tags = GuestParameters.list(tags, ",");
    }

    @DataBoundSetter
    public void setDescription(@CheckForNull Object description) {
        this.description = GuestParameters.text(description);
    }

    @DataBoundSetter
    public void setCores(@CheckForNull Object cores) {
        this.cores = GuestParameters.text(cores);
    }

    @DataBoundSetter
    public void setMemory(@CheckForNull Object memory) {
        this.memory = GuestParameters.text(memory);
    }

    @DataBoundSetter
    public void setDiskSize(@CheckForNull Object diskSize) {
        this.diskSize = GuestParameters.text(diskSize);
    }

    @DataBoundSetter
    public void setCiUser(@CheckForNull Object ciUser) {
        this.ciUser = GuestParameters.text(ciUser);
    }

    @DataBoundSetter
    public void setSshKeys(@CheckForNull Object sshKeys) {
        this.sshKeys = GuestParameters.list(sshKeys, "\n");
    }

    @DataBoundSetter
    public void setIpConfig(@CheckForNull Object ipConfig) {
        this.ipConfig = GuestParameters.text(ipConfig);
    }

    @DataBoundSetter
    public void setNameserver(@CheckForNull Object nameserver) {
        this.nameserver = GuestParameters.text(nameserver);
    }

    /** As {@link #getWaitForLock}. */
    public Object getStart() {
        return GuestParameters.flagOrText(start, false);
    }

    @DataBoundSetter
    public void setStart(@CheckForNull Object start) {
        this.start = GuestParameters.text(start);
    }

    @DataBoundSetter
    public void setWaitFor(@CheckForNull String waitFor) {
        this.waitFor = Util.fixEmptyAndTrim(waitFor);
    }

    /** The time for a clone is longer than for other operations. */
    @Override
    public String getTimeout() {
        return Objects.requireNonNullElse(values().timeout(), DescriptorImpl.DEFAULT_TIMEOUT);
    }

    @Override
    public void perform(@NonNull Run<?, ?> run, @NonNull EnvVars env, @NonNull TaskListener listener)
            throws IOException, InterruptedException {
        VariableExpansion expansion = new VariableExpansion(env);
        GuestFormValues values = values();
        OperationSequence operations;
        String on;
        try {
            CloneParameters parameters =
                    cloneValues().parameters(template, values, GuestParameters.flag("start", start, false), expansion);
            operations = parameters.operations(
                    run, values.requests(parameters.source(), expansion, CloneParameters.DEFAULT_TIMEOUT));
            on = ProxmoxServers.nameOf(run.getParent(), values.server(expansion));
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
        BlockingSequence.run(run, listener, on, values.credentials(), operations);
    }

    @Symbol("proxmoxGuestClone")
    @Extension
    public static final class DescriptorImpl extends BuildStepDescriptor<Builder> implements CloneFormDescriptor {

        /** Seconds, for the form too. */
        public static final String DEFAULT_TIMEOUT = String.valueOf(CloneParameters.DEFAULT_TIMEOUT.toSeconds());

        public DescriptorImpl() {
            List.of("server", "credentialsId", "waitForLock")
                    .forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.CloneBuildStep_displayName();
        }

        @Override
        @SuppressWarnings("rawtypes") // inherited
        public boolean isApplicable(Class<? extends AbstractProject> jobType) {
            return true;
        }

        /** Both the VMID and the name of the clone may be given, or neither. */
        @Override
        @POST
        public FormValidation doCheckVmid(
                @AncestorInPath Item item,
                @QueryParameter String value,
                @QueryParameter String name,
                @QueryParameter String template) {
            return GuestFormFields.checkVmidOrVariable(item, value, null, false);
        }

        @POST
        public FormValidation doCheckTemplate(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkTemplate(item, value);
        }
    }
}
