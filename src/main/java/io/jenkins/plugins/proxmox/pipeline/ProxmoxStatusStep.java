package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.GuestFormFields;
import io.jenkins.plugins.proxmox.build.GuestQuery;
import io.jenkins.plugins.proxmox.build.GuestResult;
import io.jenkins.plugins.proxmox.build.ScriptArguments;
import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNetwork;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code proxmoxStatus vmid: 100}: the current status of a guest. Without a guest, the server with its nodes and the
 * guests that the identity can see.
 */
public final class ProxmoxStatusStep extends GuestStep {
    private static final long serialVersionUID = 1L;

    private boolean checkPermissions;
    private List<String> tags = List.of();
    private List<String> pools = List.of();
    private List<String> states = List.of();
    private boolean addresses;

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

    /** A tag, or a list of tags, that a guest must have to be listed; null for any. */
    @CheckForNull
    public Object getTag() {
        return GuestFilter.given(tags);
    }

    @DataBoundSetter
    public void setTag(@CheckForNull Object tag) {
        this.tags = GuestFilter.values("tag", tag);
    }

    /** The pool, or a list of pools, in one of which a guest must be to be listed; null for any. */
    @CheckForNull
    public Object getPool() {
        return GuestFilter.given(pools);
    }

    @DataBoundSetter
    public void setPool(@CheckForNull Object pool) {
        this.pools = GuestFilter.values("pool", pool);
    }

    /** The state, or a list of states, of which a guest must have one to be listed; null for any. */
    @CheckForNull
    public Object getStatus() {
        return GuestFilter.given(states);
    }

    /**
     * @throws IllegalArgumentException when it is not a state
     */
    @DataBoundSetter
    public void setStatus(@CheckForNull Object status) {
        this.states = GuestFilter.states("status", status);
    }

    private GuestFilter filter() {
        return new GuestFilter(tags, pools, states, getNode());
    }

    /**
     * The guest to ask about, or null for the server.
     *
     * @throws IllegalArgumentException when the parameters of the one are given for the other
     */
    @CheckForNull
    private GuestSelector selected() {
        boolean aboutServer = getVmid() == null && getName() == null;
        if (aboutServer && checkPermissions) {
            throw new IllegalArgumentException(Messages.ProxmoxStatusStep_permissionsOfWhat());
        }
        if (aboutServer && addresses) {
            throw new IllegalArgumentException(Messages.ProxmoxStatusStep_addressesOfWhat());
        }
        if (aboutServer) {
            return null;
        }
        if (!(tags.isEmpty() && pools.isEmpty() && states.isEmpty())) {
            throw new IllegalArgumentException(Messages.ProxmoxStatusStep_filterOfGuest());
        }
        return guest();
    }

    /** Whether to ask the guest for its addresses as well. */
    public boolean isAddresses() {
        return addresses;
    }

    @DataBoundSetter
    public void setAddresses(boolean addresses) {
        this.addresses = addresses;
    }

    @Override
    public StepExecution start(StepContext context) {
        return new Execution(context, this);
    }

    /** Asks for the status. */
    static final class Execution extends QueryExecution {
        private static final long serialVersionUID = 1L;

        private final ProxmoxStatusStep step;

        /** The guest asked about; null for the server. */
        private GuestSelector guest;

        /** Whether the guest is a virtual machine, whose agent is asked for its addresses. */
        private transient volatile boolean asksAgent;

        Execution(StepContext context, ProxmoxStatusStep step) {
            super(context);
            this.step = step;
        }

        @Override
        public boolean start() throws IOException, InterruptedException {
            try {
                guest = step.selected();
            } catch (IllegalArgumentException e) {
                throw (IOException) BuildConsole.failure(e);
            }
            return super.start();
        }

        @Override
        GuestQuery<?> query(Run<?, ?> build, TaskListener listener) {
            return new GuestQuery<>(
                    build,
                    listener,
                    step.getServer(),
                    step.getCredentialsId(),
                    (client, log) -> guest == null
                            ? ServerStatus.of(
                                    client,
                                    ProxmoxServers.nameOf(build.getParent(), step.getServer()),
                                    step.filter(),
                                    log)
                            : ofGuest(client, log),
                    needs(),
                    getStatus());
        }

        @Override
        public String getStatus() {
            return guest == null
                    ? Messages.ProxmoxStatusStep_asksServer()
                    : Messages.ProxmoxStatusStep_asksGuest(guest);
        }

        private List<RequiredPrivilege> needs() {
            if (guest == null || guest.vmid() == null) {
                return List.of();
            }
            RequiredPrivilege see = GuestRight.SEE.on(guest.vmid());
            return asksAgent ? List.of(see, GuestRight.AGENT.on(guest.vmid())) : List.of(see);
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
            if (step.addresses) {
                GuestResult.putNetwork(status, network(client, now, log));
            }
            if (step.checkPermissions) {
                GuestPermissions.put(client, now.location(), status, log);
            }
            String state = now.lock() == null
                    ? Messages.ProxmoxStatusStep_guest(found, now.stateInDetail())
                    : Messages.ProxmoxStatusStep_lockedGuest(found, now.stateInDetail(), now.lock());
            log.accept(now.running() ? Messages.ProxmoxStatusStep_upFor(state, now.uptimeSeconds()) : state);
            return status;
        }

        /** Its network; unknown when the guest does not tell, which the log explains. */
        private GuestNetwork network(ProxmoxClient client, GuestStatus now, Consumer<String> log)
                throws ProxmoxException {
            if (!now.running()) {
                return GuestNetwork.UNKNOWN;
            }
            asksAgent = now.location().type() == GuestType.QEMU;
            try {
                GuestNetwork network = new GuestNetwork(client.agent().interfaces(now.location()));
                log.accept(Messages.ProxmoxStatusStep_addresses(now.guest(), network.inWords()));
                return network;
            } catch (RequestRejectedException e) {
                if (!e.isFromAgent()) {
                    throw e;
                }
                log.accept(Messages.ProxmoxStatusStep_noAddresses(
                        now.guest(), SafeText.singleLine(e.failure().serverSaid())));
                return GuestNetwork.UNKNOWN;
            }
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

        @POST
        public FormValidation doCheckStatus(@AncestorInPath Item item, @QueryParameter String value) {
            return GuestFormFields.check(item, () -> GuestFilter.states("status", value));
        }

        @Override
        public String argumentsToString(@NonNull Map<String, Object> arguments) {
            return ScriptArguments.summary(arguments, "vmid", "name", "pool", "tag", "server");
        }
    }
}
