package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.CloneParameters;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.lease.LeaseParameters;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import java.time.Duration;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code withProxmoxVm(vmid: 100) { … }}: runs the body while the guest is running, then puts the guest back as it was
 * found, whatever happened in the body. With a template, the guest is a clone of it, which is removed in the end.
 */
public final class WithProxmoxVmStep extends CloningStep {
    private static final long serialVersionUID = 1L;

    private String template;
    private String onExit;
    private boolean keepOnFailure;
    private String keepFor;

    @DataBoundConstructor
    public WithProxmoxVmStep() {
        // the guest is named by VMID or by name, or is a clone of a template
    }

    @CheckForNull
    public String getTemplate() {
        return template;
    }

    /**
     * @param template the VMID or the name of the guest to clone; null to use a guest that exists
     */
    @DataBoundSetter
    public void setTemplate(@CheckForNull Object template) {
        this.template = GuestParameters.text(template);
    }

    public boolean isKeepOnFailure() {
        return keepOnFailure;
    }

    @DataBoundSetter
    public void setKeepOnFailure(boolean keepOnFailure) {
        this.keepOnFailure = keepOnFailure;
    }

    /** Hours, as text; null for the default. */
    @CheckForNull
    public String getKeepFor() {
        return keepFor;
    }

    @DataBoundSetter
    public void setKeepFor(@CheckForNull Object keepFor) {
        this.keepFor = GuestParameters.text(keepFor);
    }

    /** One of the names of {@link OnExit}. */
    @NonNull
    public String getOnExit() {
        return onExit == null ? DescriptorImpl.DEFAULT_ON_EXIT : onExit;
    }

    @DataBoundSetter
    public void setOnExit(@CheckForNull String onExit) {
        String given = Util.fixEmptyAndTrim(onExit);
        this.onExit = DescriptorImpl.DEFAULT_ON_EXIT.equals(given) ? null : given;
    }

    /** Null unless it is given, because the default of a clone is another one. */
    @CheckForNull
    @Override
    public Integer getTimeout() {
        return hasTimeout() ? super.getTimeout() : null;
    }

    @Override
    Duration defaultTimeout() {
        return template == null ? super.defaultTimeout() : CloneParameters.DEFAULT_TIMEOUT;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            LeaseParameters lease = new LeaseParameters(
                    getServer(),
                    getCredentialsId(),
                    cloneParameters(template, true),
                    onExit,
                    String.valueOf(keepOnFailure),
                    keepFor);
            GuestSelector source = lease.source();
            return new WithProxmoxVmExecution(
                    context, lease.terms(context.get(Run.class), operation -> request(source, operation)));
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    @Extension
    public static final class DescriptorImpl extends CloningStepDescriptor {

        /** For the form too. */
        public static final String DEFAULT_ON_EXIT = OnExit.RESTORE.optionName();

        /** None for the form: the time depends on whether there is a template. */
        public static final String DEFAULT_TIMEOUT = "";

        @Override
        public String getFunctionName() {
            return "withProxmoxVm";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.WithProxmoxVmStep_displayName();
        }

        @Override
        public boolean takesImplicitBlockArgument() {
            return true;
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "template", "vmid", "name", "snapshot");
        }

        @POST
        public ListBoxModel doFillOnExitItems() {
            return GuestFormFields.onExits();
        }

        @POST
        public FormValidation doCheckOnExit(
                @AncestorInPath Item item,
                @QueryParameter String value,
                @QueryParameter String template,
                @QueryParameter String snapshot) {
            String given = DEFAULT_ON_EXIT.equals(value) ? null : value;
            return GuestFormFields.check(item, () -> LeaseParameters.requireEnd(given, template, snapshot));
        }

        @POST
        public FormValidation doCheckSnapshot(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkOptionalSnapshot(item, value);
        }

        @POST
        public FormValidation doCheckKeepFor(
                @AncestorInPath Item item, @QueryParameter String value, @QueryParameter String keepOnFailure) {
            return GuestFormFields.check(item, () -> LeaseParameters.keptAfterFailure(keepOnFailure, value));
        }
    }
}
