package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.EnvVars;
import hudson.Extension;
import hudson.Util;
import hudson.model.AbstractBuild;
import hudson.model.AbstractProject;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.tasks.BuildWrapperDescriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.CloneParameters;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.lease.EnclosingLeases;
import io.jenkins.plugins.proxmox.lease.LeaseParameters;
import io.jenkins.plugins.proxmox.lease.LeaseStart;
import io.jenkins.plugins.proxmox.lease.LeaseTerms;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * The build wrapper "Proxmox VE: run with a started guest", the counterpart of {@code withProxmoxVm} in Pipelines: starts
 * the guest before the build, unless it is already running, and puts it back as it was found afterwards, whatever
 * happened in the build. With a template, the guest is a clone of it, which is removed in the end.
 */
public final class StartedGuestWrapper extends CloningWrapper {

    private String vmid;
    private String name;
    private String server;
    private String node;
    private String credentialsId;
    private String timeout;
    private String waitForLock;
    private String waitFor;
    private String cancelTask;
    private String onExit;
    private String keepOnFailure;
    private String keepFor;

    @DataBoundConstructor
    public StartedGuestWrapper() {
        // the guest is named by VMID or by name, or is a clone of a template
    }

    @Override
    public GuestFormValues values() {
        return new GuestFormValues(vmid, name, server, node, credentialsId, timeout, waitForLock, waitFor, cancelTask);
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

    /** Null for the default, which is another one for a clone. */
    @CheckForNull
    @Override
    public String getTimeout() {
        return timeout;
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
    public void setWaitFor(@CheckForNull String waitFor) {
        this.waitFor = Util.fixEmptyAndTrim(waitFor);
    }

    @DataBoundSetter
    public void setCancelTask(@CheckForNull Object cancelTask) {
        this.cancelTask = GuestParameters.text(cancelTask);
    }

    /** One of the names of {@link OnExit}, or an expression for one. */
    public String getOnExit() {
        String given = GuestParameters.text(onExit);
        return given == null ? DescriptorImpl.DEFAULT_ON_EXIT : given;
    }

    @DataBoundSetter
    public void setOnExit(@CheckForNull String onExit) {
        this.onExit = onExit;
    }

    /** As {@link #getWaitForLock}. */
    public Object getKeepOnFailure() {
        return GuestParameters.flagOrText(keepOnFailure, false);
    }

    @DataBoundSetter
    public void setKeepOnFailure(@CheckForNull Object keepOnFailure) {
        this.keepOnFailure = GuestParameters.text(keepOnFailure);
    }

    /** Hours, or an expression for them; null for the default. */
    @CheckForNull
    public String getKeepFor() {
        return keepFor;
    }

    @DataBoundSetter
    public void setKeepFor(@CheckForNull Object keepFor) {
        this.keepFor = GuestParameters.text(keepFor);
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
            terms = terms(build, new VariableExpansion(environment));
        } catch (IllegalArgumentException e) {
            throw (IOException) BuildConsole.failure(e);
        }
        terms = terms.on(ProxmoxServers.nameOf(build.getParent(), terms.server()));
        String lease = UUID.randomUUID().toString();
        LeaseStart start = LeaseStart.of(build, listener, lease, terms, EnclosingLeases.NONE);
        try {
            Map<String, String> variables = ExecutorWait.awaitWhole(start.start(), start::abort, start::giveUp);
            context.setDisposer(new GuestReturnDisposer(lease));
            variables.forEach(context::env);
        } catch (IOException | InterruptedException | RuntimeException e) {
            // Jenkins does not call the disposer of a wrapper whose set-up failed
            new GuestReturnDisposer(lease).afterFailedStart(listener, e);
            throw e;
        }
    }

    private LeaseTerms terms(Run<?, ?> build, VariableExpansion expansion) {
        GuestFormValues values = values();
        CloneParameters guest = cloneValues().parameters(getTemplate(), values, true, expansion);
        LeaseParameters parameters = new LeaseParameters(
                values.server(expansion),
                values.credentials(),
                guest,
                givenEnd(expansion.text("onExit", onExit)),
                keepOnFailure,
                expansion.text("keepFor", keepFor));
        if (parameters.keeps() && !(build instanceof AbstractBuild)) {
            // whether the block of a Pipeline has failed is not known when it ends
            throw new IllegalArgumentException(Messages.StartedGuestWrapper_keepInPipeline());
        }
        Duration otherwise =
                guest.template() == null ? OperationRequest.DEFAULT_TIMEOUT : CloneParameters.DEFAULT_TIMEOUT;
        return parameters.terms(build, values.requests(parameters.source(), expansion, otherwise));
    }

    /** Null for the default, which forms submit as if it had been chosen. */
    @CheckForNull
    private static String givenEnd(@CheckForNull String end) {
        String given = GuestParameters.text(end);
        return DescriptorImpl.DEFAULT_ON_EXIT.equals(given) ? null : given;
    }

    @Symbol("proxmoxGuestStarted")
    @Extension
    public static final class DescriptorImpl extends BuildWrapperDescriptor implements CloneFormDescriptor {

        /** For the form too. */
        public static final String DEFAULT_ON_EXIT = OnExit.RESTORE.optionName();

        /** None for the form: the time depends on whether there is a template. */
        public static final String DEFAULT_TIMEOUT = "";

        /** The help of others speaks of one guest, or of one operation. */
        private static final List<String> WITH_HELP_OF_THEIR_OWN =
                List.of("vmid", "name", "node", "timeout", "cancelTask");

        public DescriptorImpl() {
            GuestFormDescriptor.FIELDS.stream()
                    .filter(field -> !WITH_HELP_OF_THEIR_OWN.contains(field))
                    .forEach(field -> addHelpFileRedirect(field, GuestBuildStep.class, field));
            CLONE_FIELDS.forEach(field -> addHelpFileRedirect(field, CloneBuildStep.class, field));
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

        @POST
        public FormValidation doCheckOnExit(
                @AncestorInPath Item item,
                @QueryParameter String value,
                @QueryParameter String template,
                @QueryParameter String snapshot) {
            return GuestFormFields.check(item, () -> LeaseParameters.requireEnd(givenEnd(value), template, snapshot));
        }

        @POST
        public FormValidation doCheckSnapshot(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkOptionalSnapshot(item, value);
        }

        @POST
        public FormValidation doCheckKeepFor(
                @AncestorInPath Item item, @QueryParameter String value, @QueryParameter String keepOnFailure) {
            return GuestFormFields.hasVariable(value)
                    ? FormValidation.ok()
                    : GuestFormFields.check(item, () -> LeaseParameters.keptAfterFailure(keepOnFailure, value));
        }
    }
}
