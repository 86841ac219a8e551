package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.server.CredentialsMenu;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** The parameters by which a step names a guest, the server and the identity, with their menus and checks. */
@Restricted(NoExternalUse.class)
public abstract class GuestStep extends Step implements Serializable {
    private static final long serialVersionUID = 1L;

    private Integer vmid;
    private String name;
    private String server;
    private String node;
    private String credentialsId;

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
    public final String getServer() {
        return server;
    }

    @DataBoundSetter
    public final void setServer(@CheckForNull String server) {
        this.server = Util.fixEmptyAndTrim(server);
    }

    @CheckForNull
    public final String getNode() {
        return node;
    }

    @DataBoundSetter
    public final void setNode(@CheckForNull String node) {
        this.node = GuestParameters.node(node);
    }

    @CheckForNull
    public final String getCredentialsId() {
        return credentialsId;
    }

    @DataBoundSetter
    public final void setCredentialsId(@CheckForNull String credentialsId) {
        this.credentialsId = Util.fixEmptyAndTrim(credentialsId);
    }

    /** Whether a guest, or a node of one, is named. */
    final boolean namesGuest() {
        return vmid != null || name != null || node != null;
    }

    /**
     * @throws IllegalArgumentException when none is named, or by both VMID and name
     */
    final GuestSelector guest() {
        return GuestParameters.selector(vmid, name, node);
    }

    public abstract static class GuestStepDescriptor extends StepDescriptor {

        /** Whether the step makes no sense without a guest. */
        boolean requiresGuest() {
            return true;
        }

        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(Run.class, TaskListener.class);
        }

        @Override
        public Step newInstance(Map<String, Object> arguments) throws Exception {
            return ScriptArguments.instantiate(clazz, arguments);
        }

        @POST
        public ListBoxModel doFillServerItems(@AncestorInPath Item item) {
            return ProxmoxServers.menu(item);
        }

        @POST
        public ListBoxModel doFillCredentialsIdItems(
                @AncestorInPath Item item, @QueryParameter String server, @QueryParameter String credentialsId) {
            return CredentialsMenu.ofItem(item, server, credentialsId);
        }

        @POST
        public FormValidation doCheckVmid(
                @AncestorInPath Item item, @QueryParameter String value, @QueryParameter String name) {
            return GuestFormFields.checkVmid(item, value, name, requiresGuest());
        }

        @POST
        public FormValidation doCheckNode(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkNode(item, value);
        }
    }
}
