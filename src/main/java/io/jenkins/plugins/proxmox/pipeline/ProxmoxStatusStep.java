package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Extension;
import hudson.Util;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildConnection;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestRight;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.model.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import io.jenkins.plugins.proxmox.pve.model.SkippedEntries;
import io.jenkins.plugins.proxmox.pve.operation.Deadline;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.ReloadingConnection;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/**
 * {@code proxmoxStatus vmid: 100}: the current status of a guest. Without a guest, the server with its nodes and the
 * guests that the identity can see.
 */
public final class ProxmoxStatusStep extends GuestStep {
    private static final long serialVersionUID = 1L;

    private boolean checkPermissions;

    @DataBoundConstructor
    public ProxmoxStatusStep() {
        // everything is optional
    }

    /** Whether to return also what the identity can do with the guest. */
    public boolean isCheckPermissions() {
        return checkPermissions;
    }

    @DataBoundSetter
    public void setCheckPermissions(boolean checkPermissions) {
        this.checkPermissions = checkPermissions;
    }

    @Override
    public StepExecution start(StepContext context) {
        return new Execution(context, this);
    }

    /**
     * Asks in the background, for a limited time. After a restart it asks again, which is safe because it changes
     * nothing.
     */
    static final class Execution extends StepExecution {
        private static final long serialVersionUID = 1L;

        private final ProxmoxStatusStep step;

        /** The guest asked about; null for the server. */
        private GuestSelector guest;

        private transient volatile CompletableFuture<Object> answer;

        Execution(StepContext context, ProxmoxStatusStep step) {
            super(context);
            this.step = step;
        }

        @Override
        public boolean start() throws Exception {
            try {
                boolean aboutServer = !step.namesGuest();
                if (aboutServer && step.checkPermissions) {
                    throw new IllegalArgumentException(Messages.ProxmoxStatusStep_permissionsOfWhat());
                }
                guest = aboutServer ? null : step.guest();
            } catch (IllegalArgumentException e) {
                throw (Exception) BuildConsole.failure(e);
            }
            begin();
            return false;
        }

        @Override
        public void onResume() {
            begin();
        }

        private void begin() {
            CompletableFuture<Object> end = new CompletableFuture<>();
            answer = end;
            end.whenComplete((status, failure) -> {
                if (failure == null) {
                    getContext().onSuccess(status);
                } else {
                    getContext().onFailure(failure);
                }
            });
            ControllerThreads.workers().now(() -> ask(end));
        }

        @Override
        public void stop(@NonNull Throwable cause) {
            CompletableFuture<Object> end = answer;
            if (end == null) {
                getContext().onFailure(cause);
            } else {
                end.completeExceptionally(cause);
            }
        }

        @Override
        public String getStatus() {
            return guest == null
                    ? Messages.ProxmoxStatusStep_asksServer()
                    : Messages.ProxmoxStatusStep_asksGuest(guest);
        }

        private void ask(CompletableFuture<Object> end) {
            try {
                TaskListener listener = getContext().get(TaskListener.class);
                Run<?, ?> run = getContext().get(Run.class);
                RetryPolicy retryPolicy = RetryPolicy.brief(BuildConsole.of(listener));
                Duration longest = ProxmoxServers.timeToAsk(run, step.getServer());
                limit(end, longest, retryPolicy);
                String server = ProxmoxServers.nameOf(run.getParent(), step.getServer());
                new ReloadingConnection(
                                new BuildConnection(run, step.getServer(), step.getCredentialsId()),
                                BuildConsole.of(listener))
                        .read(ControllerThreads.workers(), false, longest)
                        .whenComplete((connection, failure) -> {
                            if (failure == null) {
                                connection.workers().now(() -> ask(end, connection, server, listener, retryPolicy));
                            } else {
                                end.completeExceptionally(BuildConsole.failure(failure));
                            }
                        });
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                end.completeExceptionally(e);
            } catch (IOException | RuntimeException | LinkageError e) {
                end.completeExceptionally(BuildConsole.failure(e));
            }
        }

        private void limit(CompletableFuture<Object> end, Duration time, RetryPolicy retryPolicy) {
            Deadline.set(time, ControllerThreads.workers(), end, () -> {
                ProxmoxException trouble = retryPolicy.trouble();
                end.completeExceptionally(new AbortException(MessageBundle.sentences(
                        Messages.ProxmoxStatusStep_timeout(time.toSeconds(), getStatus()),
                        trouble == null ? Messages.ProxmoxStatusStep_silent() : trouble.getMessage())));
            });
        }

        private void ask(
                CompletableFuture<Object> end,
                ServerConnection connection,
                String server,
                TaskListener listener,
                RetryPolicy retryPolicy) {
            if (end.isDone()) {
                return;
            }
            ProxmoxClient client = connection.client();
            Consumer<String> log = BuildConsole.of(listener);
            try {
                end.complete(guest == null ? ofServer(client, server, log) : ofGuest(client, log));
            } catch (ProxmoxException e) {
                try {
                    retryPolicy.bear(e, this::getStatus);
                    connection
                            .workers()
                            .after(retryPolicy.pause(), () -> ask(end, connection, server, listener, retryPolicy));
                } catch (ProxmoxException last) {
                    failed(end, last, client, listener);
                }
            } catch (GuestException | RuntimeException | LinkageError e) {
                failed(end, e, client, listener);
            }
        }

        private void failed(CompletableFuture<Object> end, Throwable e, ProxmoxClient client, TaskListener listener) {
            if (!end.isDone()) {
                end.completeExceptionally(BuildConsole.failure(e, client, needs(), listener));
            }
        }

        private List<RequiredPrivilege> needs() {
            return guest == null || guest.vmid() == null ? List.of() : List.of(GuestRight.SEE.on(guest.vmid()));
        }

        private Map<String, Object> ofGuest(ProxmoxClient client, Consumer<String> log)
                throws ProxmoxException, GuestException {
            ListedGuest found = new GuestFinder(client).find(guest);
            GuestStatus now = client.status(found.location());
            Map<String, Object> status = new LinkedHashMap<>();
            status.put("vmid", now.location().vmid());
            status.put("name", now.name().isEmpty() ? found.name() : now.name());
            status.put("node", now.location().node());
            status.put("type", now.location().type().apiName());
            status.put("status", now.state());
            status.put("qmpStatus", Util.fixEmpty(now.qmpStatus()));
            status.put("uptime", now.uptimeSeconds());
            status.put("cpu", now.cpu());
            status.put("memory", now.memoryBytes());
            status.put("maxMemory", now.maxMemoryBytes());
            status.put("lock", now.lock());
            status.put("haManaged", now.haManaged());
            if (step.checkPermissions) {
                putPermissions(client, now.location(), status, log);
            }
            String state = now.lock() == null
                    ? Messages.ProxmoxStatusStep_guest(found, now.stateInDetail())
                    : Messages.ProxmoxStatusStep_lockedGuest(found, now.stateInDetail(), now.lock());
            log.accept(now.running() ? Messages.ProxmoxStatusStep_upFor(state, now.uptimeSeconds()) : state);
            return status;
        }

        /** Adds the actions for which the identity has all privileges. */
        private static void putPermissions(
                ProxmoxClient client, GuestLocation guest, Map<String, Object> status, Consumer<String> log)
                throws ProxmoxException {
            GuestConfig config = guest.type() == GuestType.QEMU ? client.config(guest) : GuestConfig.UNKNOWN;
            String path = "/vms/" + guest.vmid();
            Map<String, Set<String>> held = new HashMap<>();
            held.put(path, client.permissions(path).on(path));
            List<String> actions = new ArrayList<>();
            List<RequiredPrivilege> leastMissing = List.of();
            for (GuestOperation action : GuestActions.values()) {
                if (!action.isKnownTo(guest.type())) {
                    continue;
                }
                List<RequiredPrivilege> missing = new ArrayList<>();
                for (RequiredPrivilege need : action.needs(guest.vmid(), config)) {
                    String on = need.aclPath();
                    if (!held.containsKey(on)) {
                        held.put(on, client.permissions(on).on(on));
                    }
                    if (!need.isMetBy(held.get(on))) {
                        missing.add(need);
                    }
                }
                if (missing.isEmpty()) {
                    actions.add(action.name());
                } else if (leastMissing.isEmpty() || missing.size() < leastMissing.size()) {
                    leastMissing = missing;
                }
            }
            status.put("privileges", new ArrayList<>(held.get(path)));
            status.put("actions", actions);
            String lacking = leastMissing.stream()
                    .map(need -> need.toGrant(held.get(need.aclPath())))
                    .collect(Collectors.joining(", "));
            log.accept(
                    actions.isEmpty()
                            ? Messages.ProxmoxStatusStep_mayLook(client.identity(), guest.guest(), lacking, path)
                            : Messages.ProxmoxStatusStep_mayDo(
                                    client.identity(), guest.guest(), String.join(", ", actions)));
        }

        private Map<String, Object> ofServer(ProxmoxClient client, String server, Consumer<String> log)
                throws ProxmoxException {
            ServerVersion version = client.version();
            List<Map<String, Object>> nodes = new ArrayList<>();
            Listing<NodeResource> clusterNodes = client.nodes();
            for (NodeResource clusterNode : clusterNodes) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("name", clusterNode.name());
                entry.put("status", clusterNode.status());
                nodes.add(entry);
            }
            List<Map<String, Object>> guests = new ArrayList<>();
            Listing<ListedGuest> visible = client.guests();
            for (ListedGuest each : visible) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("vmid", each.location().vmid());
                entry.put("name", each.name());
                entry.put("node", each.location().node());
                entry.put("type", each.location().type().apiName());
                entry.put("status", each.status());
                entry.put("template", each.template());
                guests.add(entry);
            }
            Map<String, Object> status = new LinkedHashMap<>();
            status.put("server", server);
            status.put("version", version.version());
            status.put("identity", client.identity());
            status.put("nodes", nodes);
            status.put("guests", guests);
            log.accept(Messages.ProxmoxStatusStep_server(
                    version.version(), nodes.size(), guests.size(), client.identity()));
            for (SkippedEntries leftOut : List.of(clusterNodes.leftOut(), visible.leftOut())) {
                if (!leftOut.isEmpty()) {
                    log.accept(leftOut.inWords());
                }
            }
            return status;
        }
    }

    @Extension
    public static final class DescriptorImpl extends GuestStepDescriptor {

        @Override
        boolean requiresGuest() {
            return false;
        }

        @Override
        public String getFunctionName() {
            return "proxmoxStatus";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxStatusStep_displayName();
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "vmid", "name", "server");
        }
    }
}
