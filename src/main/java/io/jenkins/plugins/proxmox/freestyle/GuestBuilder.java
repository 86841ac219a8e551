package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.Util;
import hudson.tasks.Builder;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import jenkins.tasks.SimpleBuildStep;
import org.kohsuke.accmod.Restricted;
import org.kohsuke.accmod.restrictions.NoExternalUse;
import org.kohsuke.stapler.DataBoundSetter;

/** The fields by which a build step names a guest, the server, the identity and the longest wait. */
@Restricted(NoExternalUse.class)
public abstract class GuestBuilder extends Builder implements SimpleBuildStep, GuestForm {

    private String vmid;
    private String name;
    private String server;
    private String node;
    private String credentialsId;
    private String timeout;

    @Override
    public GuestFormValues values() {
        return new GuestFormValues(vmid, name, server, node, credentialsId, timeout, null, null, null);
    }

    @DataBoundSetter
    public final void setVmid(@CheckForNull Object vmid) {
        this.vmid = GuestParameters.text(vmid);
    }

    @DataBoundSetter
    public final void setName(@CheckForNull String name) {
        this.name = Util.fixEmptyAndTrim(name);
    }

    @DataBoundSetter
    public final void setServer(@CheckForNull String server) {
        this.server = Util.fixEmptyAndTrim(server);
    }

    @DataBoundSetter
    public final void setNode(@CheckForNull String node) {
        this.node = GuestParameters.node(node);
    }

    @DataBoundSetter
    public final void setCredentialsId(@CheckForNull String credentialsId) {
        this.credentialsId = Util.fixEmptyAndTrim(credentialsId);
    }

    @DataBoundSetter
    public final void setTimeout(@CheckForNull Object timeout) {
        this.timeout = GuestParameters.text(timeout);
    }

    @Override
    public final boolean requiresWorkspace() {
        return false;
    }
}
