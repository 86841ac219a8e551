package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;

/** The fields of forms that can make a guest from another one, in addition to those of {@link GuestForm}. */
@Restricted(NoExternalUse.class)
public interface CloneForm extends GuestForm {

    /** What was typed. */
    CloneFormValues cloneValues();

    /** The VMID or the name of the guest to clone, or an expression for one. */
    @CheckForNull
    String getTemplate();

    @CheckForNull
    default String getTargetNode() {
        return cloneValues().targetNode();
    }

    @CheckForNull
    default String getStorage() {
        return cloneValues().storage();
    }

    @CheckForNull
    default String getPool() {
        return cloneValues().pool();
    }

    @CheckForNull
    default String getFull() {
        return cloneValues().full();
    }

    @CheckForNull
    default String getSnapshot() {
        return cloneValues().snapshot();
    }

    @CheckForNull
    default String getTags() {
        return cloneValues().tags();
    }

    @CheckForNull
    default String getDescription() {
        return cloneValues().description();
    }

    @CheckForNull
    default String getCores() {
        return cloneValues().cores();
    }

    @CheckForNull
    default String getMemory() {
        return cloneValues().memory();
    }

    @CheckForNull
    default String getDiskSize() {
        return cloneValues().diskSize();
    }

    @CheckForNull
    default String getCiUser() {
        return cloneValues().ciUser();
    }

    @CheckForNull
    default String getSshKeys() {
        return cloneValues().sshKeys();
    }

    @CheckForNull
    default String getIpConfig() {
        return cloneValues().ipConfig();
    }

    @CheckForNull
    default String getNameserver() {
        return cloneValues().nameserver();
    }
}
