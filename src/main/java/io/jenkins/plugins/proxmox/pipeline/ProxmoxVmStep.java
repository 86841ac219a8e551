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
import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.guest.GuestOperation;
import io.jenkins.plugins.proxmox.pve.guest.OperationState;
import io.jenkins.plugins.proxmox.pve.guest.PowerRequest;
import io.jenkins.plugins.proxmox.pve.guest.Sighting;
import io.jenkins.plugins.proxmox.server.BuildConsole;
import io.jenkins.plugins.proxmox.server.CredentialsMenu;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
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
 * {@code proxmoxVm action: 'start', vmid: 100}: a power action on a guest, awaited until the guest is seen as wanted.
 */
public final class ProxmoxVmStep extends Step implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String action;
    private Integer vmid;
    private String name;
    private String server;
    private String node;
    private String credentialsId;
    private int timeout = DescriptorImpl.DEFAULT_TIMEOUT;
    private boolean wait = true;

    /**
     * @param action one of the names of {@link PowerAction}
     */
    @DataBoundConstructor
    public ProxmoxVmStep(String action) {
        this.action = action;
    }

    public String getAction() {
        return action;
    }

    @CheckForNull
    public Integer getVmid() {
        return vmid;
    }

    @DataBoundSetter
    public void setVmid(@CheckForNull Integer vmid) {
        this.vmid = vmid;
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
        // blanks are kept: a text that is no node name is to be refused, not mended
        this.node = Util.fixEmpty(node);
    }

    @CheckForNull
    public String getCredentialsId() {
        return credentialsId;
    }

    @DataBoundSetter
    public void setCredentialsId(@CheckForNull String credentialsId) {
        this.credentialsId = Util.fixEmptyAndTrim(credentialsId);
    }

    /** Seconds. */
    public int getTimeout() {
        return timeout;
    }

    @DataBoundSetter
    public void setTimeout(int timeout) {
        this.timeout = timeout;
    }

    public boolean isWait() {
        return wait;
    }

    @DataBoundSetter
    public void setWait(boolean wait) {
        this.wait = wait;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        try {
            PowerRequest request = new PowerRequest(
                    GuestParameters.selector(vmid, name, node),
                    PowerAction.of(Util.fixNull(action)),
                    Duration.ofSeconds(timeout),
                    wait);
            return new Execution(context, request, server, credentialsId);
        } catch (IllegalArgumentException e) {
            throw (Exception) BuildConsole.failure(e);
        }
    }

    /**
     * Holds no thread while it waits: each look at the server runs in the background and schedules the next. What must
     * survive a restart is the {@link OperationState}, saved before and after the request.
     */
    static final class Execution extends StepExecution {
        private static final long serialVersionUID = 1L;

        private static final Logger LOGGER = Logger.getLogger(Execution.class.getName());

        private static final int SECONDS_FOR_SAVING = 30;

        private final PowerRequest request;

        @CheckForNull
        private final String server;

        @CheckForNull
        private final String credentialsId;

        private volatile OperationState state = OperationState.begin();

        private transient boolean over;

        private transient Future<?> next;

        /** The operation with the client that it was made for; a changed configuration gives another one. */
        private transient ProxmoxClient client;

        private transient GuestOperation operation;

        Execution(
                StepContext context,
                PowerRequest request,
                @CheckForNull String server,
                @CheckForNull String credentialsId) {
            super(context);
            this.request = request;
            this.server = server;
            this.credentialsId = credentialsId;
        }

        @Override
        public boolean start() {
            goOnAfter(Duration.ZERO);
            return false;
        }

        @Override
        public void onResume() {
            state = state.resumed();
            goOnAfter(Duration.ZERO);
        }

        @Override
        public void stop(@NonNull Throwable cause) {
            if (end()) {
                getContext().onFailure(cause);
            }
        }

        @Override
        public String getStatus() {
            return state.waitsFor();
        }

        private synchronized void goOnAfter(Duration pause) {
            if (!over) {
                next = pause.isZero() ? Background.now(this::goOn) : Background.after(pause, this::goOn);
            }
        }

        /** Whether it was not over yet; it is now, and no look is scheduled any more. */
        private synchronized boolean end() {
            boolean first = !over;
            over = true;
            if (next != null) {
                next.cancel(false);
            }
            return first;
        }

        private void goOn() {
            try {
                OperationState before = state;
                OperationState after = operation().advance(before);
                state = after;
                saveIfFurther(before, after);
                if (!after.isDone()) {
                    goOnAfter(GuestOperation.pause(after));
                } else if (end()) {
                    getContext().onSuccess(result(after));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                fail(e);
            } catch (Exception | LinkageError e) {
                // whatever it is: a step that never ends is worse
                fail(e);
            }
        }

        private void fail(Throwable e) {
            if (end()) {
                getContext().onFailure(explained(e));
            }
        }

        private Throwable explained(Throwable e) {
            try {
                return BuildConsole.failure(e, client, getContext().get(TaskListener.class));
            } catch (IOException noListener) {
                return BuildConsole.failure(e);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return BuildConsole.failure(e);
            }
        }

        private GuestOperation operation() throws IOException, InterruptedException {
            Run<?, ?> run = getContext().get(Run.class);
            TaskListener listener = getContext().get(TaskListener.class);
            ProxmoxClient current = ProxmoxServers.client(run, server, credentialsId);
            if (operation == null || current != client) {
                ProxmoxServers.trackUse(run, server, credentialsId);
                client = current;
                operation = new GuestOperation(current, request, BuildConsole.of(listener));
            }
            return operation;
        }

        /** Written to disk whenever it has come further: above all before the request leaves and after it has left. */
        private void saveIfFurther(OperationState before, OperationState after) throws InterruptedException {
            if (before.phase() == after.phase()) {
                return;
            }
            try {
                getContext().saveState().get(SECONDS_FOR_SAVING, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                LOGGER.log(Level.WARNING, "Could not save how far " + after.waitsFor() + " is", e);
            }
        }

        private static Map<String, Object> result(OperationState done) {
            Sighting guest = done.guest();
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("vmid", guest.location().vmid());
            result.put("name", guest.name());
            result.put("node", guest.location().node());
            result.put("type", guest.location().type().apiName());
            result.put("status", guest.status());
            result.put("changed", done.changed());
            result.put("upid", done.upid() == null ? null : done.upid().text());
            result.put(
                    "durationMillis",
                    Duration.between(done.begun(), Instant.now()).toMillis());
            return result;
        }
    }

    @Extension
    public static final class DescriptorImpl extends StepDescriptor {

        /** Seconds, for the form too. */
        public static final int DEFAULT_TIMEOUT = (int) PowerRequest.DEFAULT_TIMEOUT.toSeconds();

        @Override
        public String getFunctionName() {
            return "proxmoxVm";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxVmStep_displayName();
        }

        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(Run.class, TaskListener.class);
        }

        @Override
        public Step newInstance(Map<String, Object> arguments) throws Exception {
            return super.newInstance(GuestParameters.withNumericVmid(arguments));
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            Object guest = arguments.containsKey("vmid") ? arguments.get("vmid") : arguments.get("name");
            return arguments.get("action") + " " + guest;
        }

        public ListBoxModel doFillActionItems() {
            ListBoxModel menu = new ListBoxModel();
            for (PowerAction action : PowerAction.values()) {
                menu.add(action.apiName());
            }
            return menu;
        }

        @POST
        public ListBoxModel doFillServerItems(@AncestorInPath Item item) {
            return ProxmoxServers.menu(item);
        }

        @POST
        public ListBoxModel doFillCredentialsIdItems(@AncestorInPath Item item, @QueryParameter String credentialsId) {
            return CredentialsMenu.ofItem(item, credentialsId);
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
