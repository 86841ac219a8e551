package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.Item;
import hudson.model.Run;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.CloneParameters;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
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
 * {@code proxmoxClone template: 9000}: makes a guest from another one. {@code vmid} and {@code name} are those of the new
 * guest.
 */
public final class ProxmoxCloneStep extends CloningStep {
    private static final long serialVersionUID = 1L;

    private final String template;
    private boolean start;

    /**
     * @param template the VMID or the name of the guest to clone. Declared as neither number nor text, because
     *     declarative Pipelines refuse a literal text where a number is declared, and the other way round.
     */
    @DataBoundConstructor
    public ProxmoxCloneStep(@CheckForNull Object template) {
        this.template = GuestParameters.text(template);
    }

    @CheckForNull
    public String getTemplate() {
        return template;
    }

    @Override
    Duration defaultTimeout() {
        return CloneParameters.DEFAULT_TIMEOUT;
    }

    public boolean isStart() {
        return start;
    }

    @DataBoundSetter
    public void setStart(boolean start) {
        this.start = start;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            CloneParameters parameters = cloneParameters(template, start);
            return new SequenceExecution(
                    context,
                    parameters.operations(context.get(Run.class), operation -> request(parameters.source(), operation)),
                    this);
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    @Extension
    public static final class DescriptorImpl extends CloningStepDescriptor {

        /** Seconds, for the form too. */
        public static final int DEFAULT_TIMEOUT = (int) CloneParameters.DEFAULT_TIMEOUT.toSeconds();

        @Override
        boolean requiresGuest() {
            return false;
        }

        @Override
        public String getFunctionName() {
            return "proxmoxClone";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxCloneStep_displayName();
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "template", "name", "vmid");
        }

        @POST
        public FormValidation doCheckTemplate(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.checkTemplate(item, value);
        }
    }
}
