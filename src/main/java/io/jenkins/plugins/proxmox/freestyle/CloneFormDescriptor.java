package io.jenkins.plugins.proxmox.freestyle;

import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import java.util.List;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** What the forms with the fields of {@link CloneForm} have in common. */
@Restricted(NoExternalUse.class)
public interface CloneFormDescriptor extends GuestFormDescriptor {

    /** The fields that describe a clone. Their help is that of {@link CloneBuildStep}. */
    List<String> CLONE_FIELDS = List.of(
            "targetNode",
            "storage",
            "pool",
            "full",
            "tags",
            "description",
            "cores",
            "memory",
            "diskSize",
            "ciUser",
            "sshKeys",
            "ipConfig",
            "nameserver");

    @POST
    default ListBoxModel doFillFullItems(@QueryParameter String full) {
        return GuestFormFields.keeping(full, GuestFormFields.optionalChoices(true, false));
    }

    @POST
    default FormValidation doCheckCores(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkCloneOrVariable(item, "cores", value);
    }

    @POST
    default FormValidation doCheckMemory(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkCloneOrVariable(item, "memory", value);
    }

    @POST
    default FormValidation doCheckDiskSize(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkCloneOrVariable(item, "diskSize", value);
    }

    @POST
    default FormValidation doCheckCiUser(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkCloneOrVariable(item, "ciUser", value);
    }

    @POST
    default FormValidation doCheckSshKeys(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkCloneOrVariable(item, "sshKeys", value);
    }

    @POST
    default FormValidation doCheckIpConfig(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkCloneOrVariable(item, "ipConfig", value);
    }

    @POST
    default FormValidation doCheckNameserver(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkCloneOrVariable(item, "nameserver", value);
    }
}
