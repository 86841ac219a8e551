package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Util;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.server.CredentialsMenu;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.util.List;
import java.util.Map;
import org.jenkinsci.plugins.structs.describable.CustomDescribableModel;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** What the forms of this package have in common: menus, checks, and the fields of {@link GuestForm}. */
@Restricted(NoExternalUse.class)
public interface GuestFormDescriptor extends CustomDescribableModel {

    /** The fields that all forms have. Their help is that of {@link GuestBuildStep}. */
    List<String> FIELDS = List.of(
            "vmid", "name", "server", "node", "credentialsId", "timeout", "waitForLock", "waitFor", "cancelTask");

    /** Seconds, for the form too. */
    String DEFAULT_TIMEOUT = String.valueOf(OperationRequest.DEFAULT_TIMEOUT.toSeconds());

    /**
     * Converts the arguments of Pipelines and Job DSL to field values. Like those of forms, they are read when the
     * build runs.
     */
    @NonNull
    @Override
    default Map<String, Object> customInstantiate(@NonNull Map<String, Object> arguments) {
        return ScriptArguments.given(((Descriptor<?>) this).clazz, arguments);
    }

    @POST
    default ListBoxModel doFillServerItems(@AncestorInPath Item item, @QueryParameter String server) {
        return GuestFormFields.keeping(server, ProxmoxServers.menu(item));
    }

    @POST
    default ListBoxModel doFillCredentialsIdItems(
            @AncestorInPath Item item, @QueryParameter String server, @QueryParameter String credentialsId) {
        return CredentialsMenu.ofItem(item, server, credentialsId);
    }

    @POST
    default FormValidation doCheckCredentialsId(
            @AncestorInPath Item item, @QueryParameter String value, @QueryParameter String server) {
        return CredentialsMenu.checkOrVariable(item, server, value);
    }

    /** With a template, VMID and name are those of the clone: both may be given, or neither. */
    @POST
    default FormValidation doCheckVmid(
            @AncestorInPath Item item,
            @QueryParameter String value,
            @QueryParameter String name,
            @QueryParameter String template) {
        boolean isOfClone = Util.fixEmptyAndTrim(template) != null;
        return GuestFormFields.checkVmidOrVariable(item, value, isOfClone ? null : name, !isOfClone);
    }

    @POST
    default FormValidation doCheckNode(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkNodeOrVariable(item, value);
    }

    @POST
    default FormValidation doCheckTimeout(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkTimeoutOrVariable(item, value);
    }

    @POST
    default FormValidation doCheckWaitFor(@AncestorInPath Item item, @QueryParameter String value) {
        return GuestFormFields.checkWaitForOrVariable(item, value);
    }
}
