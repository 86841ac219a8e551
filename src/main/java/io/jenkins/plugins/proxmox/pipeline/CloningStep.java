package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.Util;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.CloneParameters;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** The parameters of steps that can make a guest from another one. */
@Restricted(NoExternalUse.class)
public abstract class CloningStep extends GuestOperationStep {
    private static final long serialVersionUID = 1L;

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
    private String waitFor;

    @CheckForNull
    public final String getTargetNode() {
        return targetNode;
    }

    @DataBoundSetter
    public final void setTargetNode(@CheckForNull String targetNode) {
        this.targetNode = GuestParameters.node(targetNode);
    }

    @CheckForNull
    public final String getStorage() {
        return storage;
    }

    @DataBoundSetter
    public final void setStorage(@CheckForNull String storage) {
        this.storage = Util.fixEmptyAndTrim(storage);
    }

    @CheckForNull
    public final String getPool() {
        return pool;
    }

    @DataBoundSetter
    public final void setPool(@CheckForNull String pool) {
        this.pool = Util.fixEmptyAndTrim(pool);
    }

    @CheckForNull
    public final String getFull() {
        return full;
    }

    @DataBoundSetter
    public final void setFull(@CheckForNull Object full) {
        this.full = GuestParameters.text(full);
    }

    @CheckForNull
    public final String getSnapshot() {
        return snapshot;
    }

    @DataBoundSetter
    public final void setSnapshot(@CheckForNull String snapshot) {
        this.snapshot = Util.fixEmptyAndTrim(snapshot);
    }

    @CheckForNull
    public final String getTags() {
        return tags;
    }

    @DataBoundSetter
    public final void setTags(@CheckForNull Object tags) {
        this.tags = GuestParameters.list(tags, ",");
    }

    @CheckForNull
    public final String getDescription() {
        return description;
    }

    @DataBoundSetter
    public final void setDescription(@CheckForNull String description) {
        this.description = Util.fixEmptyAndTrim(description);
    }

    @CheckForNull
    public final String getCores() {
        return cores;
    }

    @DataBoundSetter
    public final void setCores(@CheckForNull Object cores) {
        this.cores = GuestParameters.text(cores);
    }

    @CheckForNull
    public final String getMemory() {
        return memory;
    }

    @DataBoundSetter
    public final void setMemory(@CheckForNull Object memory) {
        this.memory = GuestParameters.text(memory);
    }

    @CheckForNull
    public final String getDiskSize() {
        return diskSize;
    }

    @DataBoundSetter
    public final void setDiskSize(@CheckForNull Object diskSize) {
        this.diskSize = GuestParameters.text(diskSize);
    }

    @CheckForNull
    public final String getCiUser() {
        return ciUser;
    }

    @DataBoundSetter
    public final void setCiUser(@CheckForNull String ciUser) {
        this.ciUser = Util.fixEmptyAndTrim(ciUser);
    }

    @CheckForNull
    public final String getSshKeys() {
        return sshKeys;
    }

    @DataBoundSetter
    public final void setSshKeys(@CheckForNull Object sshKeys) {
        this.sshKeys = GuestParameters.list(sshKeys, "\n");
    }

    @CheckForNull
    public final String getIpConfig() {
        return ipConfig;
    }

    @DataBoundSetter
    public final void setIpConfig(@CheckForNull String ipConfig) {
        this.ipConfig = Util.fixEmptyAndTrim(ipConfig);
    }

    @CheckForNull
    public final String getNameserver() {
        return nameserver;
    }

    @DataBoundSetter
    public final void setNameserver(@CheckForNull String nameserver) {
        this.nameserver = Util.fixEmptyAndTrim(nameserver);
    }

    /** As {@link GuestParameters#waitFor} reads it; null for nothing more than that the guest runs. */
    @CheckForNull
    public final String getWaitFor() {
        return waitFor;
    }

    @DataBoundSetter
    public final void setWaitFor(@CheckForNull String waitFor) {
        this.waitFor = Util.fixEmptyAndTrim(waitFor);
    }

    /**
     * @param template the VMID or the name of the source
     * @param start whether to start the clone
     */
    final CloneParameters cloneParameters(@CheckForNull String template, boolean start) {
        return new CloneParameters(
                template,
                getNode(),
                getName(),
                getVmid(),
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
                nameserver,
                start,
                waitFor);
    }

    public abstract static class CloningStepDescriptor extends GuestOperationStepDescriptor {

        @POST
        public FormValidation doCheckWaitFor(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkWaitFor(item, value);
        }

        @POST
        public FormValidation doCheckCores(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkClone(item, "cores", value);
        }

        @POST
        public FormValidation doCheckMemory(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkClone(item, "memory", value);
        }

        @POST
        public FormValidation doCheckDiskSize(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkClone(item, "diskSize", value);
        }

        @POST
        public FormValidation doCheckCiUser(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkClone(item, "ciUser", value);
        }

        @POST
        public FormValidation doCheckSshKeys(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkClone(item, "sshKeys", value);
        }

        @POST
        public FormValidation doCheckIpConfig(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkClone(item, "ipConfig", value);
        }

        @POST
        public FormValidation doCheckNameserver(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkClone(item, "nameserver", value);
        }

        @POST
        public ListBoxModel doFillFullItems() {
            return GuestFormFields.optionalChoices(true, false);
        }
    }
}
