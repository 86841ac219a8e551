package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.build.CloneParameters;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;

/** What a form says about a clone, as {@link GuestFormValues} has what all forms say: texts as they were typed. */
@Restricted(NoExternalUse.class)
public record CloneFormValues(
        @CheckForNull String targetNode,
        @CheckForNull String storage,
        @CheckForNull String pool,
        @CheckForNull String full,
        @CheckForNull String snapshot,
        @CheckForNull String tags,
        @CheckForNull String description,
        @CheckForNull String cores,
        @CheckForNull String memory,
        @CheckForNull String diskSize,
        @CheckForNull String ciUser,
        @CheckForNull String sshKeys,
        @CheckForNull String ipConfig,
        @CheckForNull String nameserver) {

    /**
     * The same with the values of variables.
     *
     * @param guest names the clone and the node of the template
     * @param start whether to start the clone
     * @throws IllegalArgumentException when a variable has no value, in one line that names the field
     */
    @NonNull
    CloneParameters parameters(
            @CheckForNull String template, GuestFormValues guest, boolean start, VariableExpansion expansion) {
        return new CloneParameters(
                expansion.text("template", template),
                expansion.text("node", guest.node()),
                expansion.text("name", guest.name()),
                GuestParameters.vmid(expansion.text("vmid", guest.vmid())),
                expansion.text("targetNode", targetNode),
                expansion.text("storage", storage),
                expansion.text("pool", pool),
                expansion.text("full", full),
                expansion.text("snapshot", snapshot),
                expansion.text("tags", tags),
                expansion.text("description", description),
                expansion.text("cores", cores),
                expansion.text("memory", memory),
                expansion.text("diskSize", diskSize),
                expansion.text("ciUser", ciUser),
                expansion.text("sshKeys", sshKeys),
                expansion.text("ipConfig", ipConfig),
                expansion.text("nameserver", nameserver),
                start,
                expansion.text("waitFor", guest.waitFor()));
    }
}
