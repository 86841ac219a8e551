package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestFields;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.build.LeaseTerms;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.server.CredentialsMenu;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code withProxmoxVm(vmid: 100) { … }}: the body runs while the guest runs; afterwards the guest is put back as it was
 * found, whatever happened to the body.
 */
public final class WithProxmoxVmStep extends Step implements Serializable {
    private static final long serialVersionUID = 1L;

    private Integer vmid;
    private String name;
    private String server;
    private String node;
    private String credentialsId;
    private int timeout = DescriptorImpl.DEFAULT_TIMEOUT;
    private boolean waitForLock;
    private boolean cancelTask;
    private String onExit = DescriptorImpl.DEFAULT_ON_EXIT;

    @DataBoundConstructor
    public WithProxmoxVmStep() {
        // the guest is named by VMID or by name
    }

    @CheckForNull
    public Integer getVmid() {
        return vmid;
    }

    /**
     * @param vmid a number, or a text that holds one. Declared as neither, because declarative Pipelines refuse a literal
     *     text where a number is declared, and the other way round.
     * @throws IllegalArgumentException when it holds no VMID
     */
    @DataBoundSetter
    public void setVmid(@CheckForNull Object vmid) {
        this.vmid = GuestParameters.vmid(vmid);
    }

    @CheckForNull
    public String getName() {
        return name;
    }

    @DataBoundSetter
    public void setName(@CheckForNull String name) {
        this.name = Util.fixEmptyAndTrim(name);
    }

    @CheckForNull
    public String getServer() {
        return server;
    }

    @DataBoundSetter
    public void setServer(@CheckForNull String server) {
        this.server = Util.fixEmptyAndTrim(server);
    }

    @CheckForNull
    public String getNode() {
        return node;
    }

    @DataBoundSetter
    public void setNode(@CheckForNull String node) {
        this.node = GuestParameters.node(node);
    }

    @CheckForNull
    public String getCredentialsId() {
        return credentialsId;
    }

    @DataBoundSetter
    public void setCredentialsId(@CheckForNull String credentialsId) {
        this.credentialsId = Util.fixEmptyAndTrim(credentialsId);
    }

    /** Seconds, for starting the guest, and once more for putting it back. */
    public int getTimeout() {
        return timeout;
    }

    /**
     * @param timeout a number, or a text that holds one, as with {@link #setVmid}
     * @throws IllegalArgumentException when it holds no possible number of seconds
     */
    @DataBoundSetter
    public void setTimeout(@CheckForNull Object timeout) {
        this.timeout = (int) GuestParameters.timeout(timeout).toSeconds();
    }

    public boolean isWaitForLock() {
        return waitForLock;
    }

    @DataBoundSetter
    public void setWaitForLock(boolean waitForLock) {
        this.waitForLock = waitForLock;
    }

    public boolean isCancelTask() {
        return cancelTask;
    }

    @DataBoundSetter
    public void setCancelTask(boolean cancelTask) {
        this.cancelTask = cancelTask;
    }

    /** One of the names of {@link OnExit}. */
    @NonNull
    public String getOnExit() {
        return onExit;
    }

    @DataBoundSetter
    public void setOnExit(@CheckForNull String onExit) {
        String given = Util.fixEmptyAndTrim(onExit);
        this.onExit = given == null ? DescriptorImpl.DEFAULT_ON_EXIT : given;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            return new WithProxmoxVmExecution(
                    context,
                    new LeaseTerms(
                            server,
                            credentialsId,
                            GuestParameters.selector(vmid, name, node),
                            Duration.ofSeconds(timeout),
                            waitForLock,
                            cancelTask,
                            GuestParameters.choice("onExit", onExit, OnExit.values())));
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    @Extension
    public static final class DescriptorImpl extends StepDescriptor {

        /** Seconds, for the form too. */
        public static final int DEFAULT_TIMEOUT = (int) OperationRequest.DEFAULT_TIMEOUT.toSeconds();

        /** For the form too. */
        public static final String DEFAULT_ON_EXIT = OnExit.RESTORE.optionName();

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
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(Run.class, TaskListener.class);
        }

        @Override
        public Step newInstance(Map<String, Object> arguments) throws Exception {
            return ScriptArguments.instantiate(WithProxmoxVmStep.class, arguments);
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "vmid", "name");
        }

        @POST
        public ListBoxModel doFillOnExitItems() {
            return GuestFields.onExits();
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
            return GuestFields.checkVmid(item, value, name, true);
        }

        @POST
        public FormValidation doCheckNode(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFields.checkNode(item, value);
        }
    }
}
