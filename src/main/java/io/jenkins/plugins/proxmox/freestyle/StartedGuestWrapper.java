package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.EnvVars;
import hudson.Extension;
import hudson.Util;
import hudson.model.AbstractProject;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.tasks.BuildWrapperDescriptor;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.Lease;
import io.jenkins.plugins.proxmox.build.LeaseRun;
import io.jenkins.plugins.proxmox.build.LeaseTerms;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import jenkins.tasks.SimpleBuildWrapper;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * The build wrapper "Proxmox VE: run with a started guest": starts the guest before the build, unless it is already
 * running, and puts it back as it was found afterwards, whatever happened in the build.
 */
public final class StartedGuestWrapper extends SimpleBuildWrapper implements GuestForm {

    private String vmid;
    private String name;
    private String server;
    private String node;
    private String credentialsId;
    private String timeout;
    private String waitForLock;
    private String cancelTask;
    private String onExit;

    @DataBoundConstructor
    public StartedGuestWrapper() {
        // the guest is named by VMID or by name
    }

    @Override
    public GuestFormValues values() {
        return new GuestFormValues(vmid, name, server, node, credentialsId, timeout, waitForLock, cancelTask);
    }

    @DataBoundSetter
    public void setVmid(@CheckForNull Object vmid) {
        this.vmid = GuestParameters.text(vmid);
    }

    @DataBoundSetter
    public void setName(@CheckForNull String name) {
        this.name = Util.fixEmptyAndTrim(name);
    }

    @DataBoundSetter
    public void setServer(@CheckForNull String server) {
        this.server = Util.fixEmptyAndTrim(server);
    }

    @DataBoundSetter
    public void setNode(@CheckForNull String node) {
        this.node = GuestParameters.node(node);
    }

    @DataBoundSetter
    public void setCredentialsId(@CheckForNull String credentialsId) {
        this.credentialsId = Util.fixEmptyAndTrim(credentialsId);
    }

    @DataBoundSetter
    public void setTimeout(@CheckForNull Object timeout) {
        this.timeout = GuestParameters.text(timeout);
    }

    @DataBoundSetter
    public void setWaitForLock(@CheckForNull Object waitForLock) {
        this.waitForLock = GuestParameters.text(waitForLock);
    }

    @DataBoundSetter
    public void setCancelTask(@CheckForNull Object cancelTask) {
        this.cancelTask = GuestParameters.text(cancelTask);
    }

    /** One of the names of {@link OnExit}, or an expression for one. */
    public String getOnExit() {
        String given = GuestParameters.text(onExit);
        return given == null ? OnExit.RESTORE.optionName() : given;
    }

    @DataBoundSetter
    public void setOnExit(@CheckForNull String onExit) {
        this.onExit = onExit;
    }

    @Override
    public boolean requiresWorkspace() {
        return false;
    }

    @Override
    public void setUp(Context context, Run<?, ?> build, TaskListener listener, EnvVars environment)
            throws IOException, InterruptedException {
        LeaseTerms terms;
        try {
            terms = terms(new VariableExpansion(environment));
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
        terms = terms.on(ProxmoxServers.nameOf(build.getParent(), terms.server()));
        LeaseRun guest = new LeaseRun(build, listener, terms, Lease.begin(), LeaseRun.Progress.UNSAVED);
        try {
            Lease leased = ExecutorWait.awaitWhole(guest.start(), guest::abort, guest::giveUp);
            context.setDisposer(new GuestReturnDisposer(terms, leased));
            leased.environment().forEach(context::env);
        } catch (IOException | InterruptedException | RuntimeException e) {
            // Jenkins does not call the disposer of a wrapper whose set-up failed
            new GuestReturnDisposer(terms, guest.lease()).afterFailedStart(build, listener, e);
            throw e;
        }
    }

    private LeaseTerms terms(VariableExpansion expansion) {
        GuestFormValues values = values();
        return new LeaseTerms(
                values.server(expansion),
                values.credentials(),
                values.guest(expansion),
                values.limit(expansion),
                values.waitsForLock(),
                values.cancelsTask(),
                expansion.choice("onExit", getOnExit(), OnExit.values()));
    }

    @Symbol("proxmoxGuestStarted")
    @Extension
    public static final class DescriptorImpl extends BuildWrapperDescriptor implements GuestFormDescriptor {

        public DescriptorImpl() {
            GuestFormDescriptor.FIELDS.stream()
                    // cancelTask has a help of its own here, because it works differently where the guest is put back
                    .filter(field -> !field.equals("cancelTask"))
                    .forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.StartedGuestWrapper_displayName();
        }

        @Override
        public boolean isApplicable(AbstractProject<?, ?> item) {
            return true;
        }

        @POST
        public ListBoxModel doFillOnExitItems(@QueryParameter String onExit) {
            return GuestFormFields.keeping(onExit, GuestFormFields.onExits());
        }
    }
}
