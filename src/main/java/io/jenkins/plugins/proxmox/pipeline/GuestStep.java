package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.Util;
import hudson.model.Item;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** The parameters by which a step names a guest, in addition to server and identity, with their checks. */
@Restricted(NoExternalUse.class)
public abstract class GuestStep extends ServerStep {
    private static final long serialVersionUID = 1L;

    private Integer vmid;
    private String name;
    private String node;

    @CheckForNull
    public final Integer getVmid() {
        return vmid;
    }

    /**
     * @param vmid a number, or a text that holds one. Declared as neither, because declarative Pipelines refuse a literal
     *     text where a number is declared, and the other way round.
     * @throws IllegalArgumentException when it holds no VMID
     */
    @DataBoundSetter
    public final void setVmid(@CheckForNull Object vmid) {
        this.vmid = GuestParameters.vmid(vmid);
    }

    @CheckForNull
    public final String getName() {
        return name;
    }

    @DataBoundSetter
    public final void setName(@CheckForNull String name) {
        this.name = Util.fixEmptyAndTrim(name);
    }

    @CheckForNull
    public final String getNode() {
        return node;
    }

    @DataBoundSetter
    public final void setNode(@CheckForNull String node) {
        this.node = GuestParameters.node(node);
    }

    /**
     * @throws IllegalArgumentException when none is named, or by both VMID and name
     */
    final GuestSelector guest() {
        return GuestParameters.selector(vmid, name, node);
    }

    public abstract static class GuestStepDescriptor extends ServerStepDescriptor {

        /** Whether the step makes no sense without a guest. */
        boolean requiresGuest() {
            return true;
        }

        @POST
        public FormValidation doCheckVmid(
                @AncestorInPath Item item,
                @QueryParameter String value,
                @QueryParameter String name,
                @QueryParameter String template) {
            boolean isOfClone = Util.fixEmptyAndTrim(template) != null;
            return GuestFormFields.checkVmid(item, value, isOfClone ? null : name, requiresGuest() && !isOfClone);
        }

        @POST
        public FormValidation doCheckNode(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkNode(item, value);
        }
    }
}
