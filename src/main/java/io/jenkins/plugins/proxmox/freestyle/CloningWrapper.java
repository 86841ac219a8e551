package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import jenkins.tasks.SimpleBuildWrapper;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.DataBoundSetter;

/**
 * The fields of a build wrapper that can make a guest from another one. A build step has setters of its own, because data
 * binding looks for them in classes only.
 */
@Restricted(NoExternalUse.class)
public abstract class CloningWrapper extends SimpleBuildWrapper implements CloneForm {

    private String template;
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

    @CheckForNull
    @Override
    public final String getTemplate() {
        return template;
    }

    @DataBoundSetter
    public final void setTemplate(@CheckForNull Object template) {
        this.template = GuestParameters.text(template);
    }

    @Override
    public final CloneFormValues cloneValues() {
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
    public final void setTargetNode(@CheckForNull Object targetNode) {
        this.targetNode = GuestParameters.text(targetNode);
    }

    @DataBoundSetter
    public final void setStorage(@CheckForNull Object storage) {
        this.storage = GuestParameters.text(storage);
    }

    @DataBoundSetter
    public final void setPool(@CheckForNull Object pool) {
        this.pool = GuestParameters.text(pool);
    }

    @DataBoundSetter
    public final void setFull(@CheckForNull Object full) {
        this.full = GuestParameters.text(full);
    }

    @DataBoundSetter
    public final void setSnapshot(@CheckForNull Object snapshot) {
        this.snapshot = GuestParameters.text(snapshot);
    }

    @DataBoundSetter
    public final void setTags(@CheckForNull Object tags) {
        this.tags = GuestParameters.list(tags, ",");
    }

    @DataBoundSetter
    public final void setDescription(@CheckForNull Object description) {
        this.description = GuestParameters.text(description);
    }

    @DataBoundSetter
    public final void setCores(@CheckForNull Object cores) {
        this.cores = GuestParameters.text(cores);
    }

    @DataBoundSetter
    public final void setMemory(@CheckForNull Object memory) {
        this.memory = GuestParameters.text(memory);
    }

    @DataBoundSetter
    public final void setDiskSize(@CheckForNull Object diskSize) {
        this.diskSize = GuestParameters.text(diskSize);
    }

    @DataBoundSetter
    public final void setCiUser(@CheckForNull Object ciUser) {
        this.ciUser = GuestParameters.text(ciUser);
    }

    @DataBoundSetter
    public final void setSshKeys(@CheckForNull Object sshKeys) {
        this.sshKeys = GuestParameters.list(sshKeys, "\n");
    }

    @DataBoundSetter
    public final void setIpConfig(@CheckForNull Object ipConfig) {
        this.ipConfig = GuestParameters.text(ipConfig);
    }

    @DataBoundSetter
    public final void setNameserver(@CheckForNull Object nameserver) {
        this.nameserver = GuestParameters.text(nameserver);
    }
}
