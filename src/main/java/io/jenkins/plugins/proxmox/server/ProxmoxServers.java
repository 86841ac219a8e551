package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.pve.call.ApiCall;
import io.jenkins.plugins.proxmox.pve.call.CallRule;
import io.jenkins.plugins.proxmox.pve.call.CallRules;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import jenkins.model.Jenkins;

/**
 * Finds the server that a job means, by name or the first one that the job may use, and checks that the job may use it.
 */
public final class ProxmoxServers {

    private static final int ANSWERS = 3;

    private ProxmoxServers() {}

    /**
     * How long a build waits for a quick query. That takes a few exchanges, each possibly on several addresses: three
     * times the time limit of one answer, so two minutes unless the settings of the server say otherwise.
     *
     * @param serverName null for the default
     * @throws AbortException when there is no such server
     */
    @NonNull
    public static Duration timeToAsk(Run<?, ?> run, @CheckForNull String serverName) throws AbortException {
        return server(run.getParent(), serverName).timeouts().response().multipliedBy(ANSWERS);
    }

    /**
     * The name of the server that a job means, whether it exists or not; empty if the job may use none. A build that
     * uses a server for a while determines its name first. If servers are added or reordered meanwhile, the default
     * becomes another cluster, with other guests under the same numbers.
     */
    @NonNull
    public static String nameOf(Item job, @CheckForNull String serverName) {
        if (Util.fixEmptyAndTrim(serverName) != null) {
            return serverName;
        }
        List<ProxmoxServer> servers = usableFor(job);
        return servers.isEmpty() ? "" : servers.get(0).getName();
    }

    /**
     * The names of the servers that the job may use, for a drop-down, with the default first.
     *
     * @param item the job whose form it is; null outside of a job
     */
    @NonNull
    public static ListBoxModel menu(@CheckForNull Item item) {
        ListBoxModel menu = new ListBoxModel();
        menu.add(Messages.ProxmoxServers_default(), "");
        boolean allowed = item == null
                ? Jenkins.get().hasPermission(Jenkins.ADMINISTER)
                : item.hasPermission(Item.EXTENDED_READ) || item.hasPermission(Item.CONFIGURE);
        if (allowed) {
            usableFor(item).forEach(server -> menu.add(server.getName()));
        }
        return menu;
    }

    /** The requirements for credentials for the server that a form names; empty if that is not known. */
    static List<DomainRequirement> requirements(@CheckForNull Item item, @CheckForNull String serverName) {
        boolean first = Util.fixEmptyAndTrim(serverName) == null;
        return usableFor(item).stream()
                .filter(server -> first || server.getName().equals(serverName))
                .findFirst()
                .map(server -> CredentialsMenu.requirements(server.getAddresses()))
                .orElse(List.of());
    }

    private static List<ProxmoxServer> usableFor(@CheckForNull Item item) {
        List<ProxmoxServer> all = ProxmoxConfiguration.get().getServers();
        return item == null ? all : usable(all, item);
    }

    private static List<ProxmoxServer> usable(List<ProxmoxServer> servers, Item item) {
        return servers.stream()
                .filter(server -> server.folderLimit().allows(item))
                .toList();
    }

    /**
     * @throws AbortException when there is no such server, or the job may not use it
     */
    @NonNull
    static ProxmoxServer server(Item job, @CheckForNull String name) throws AbortException {
        List<ProxmoxServer> all = all();
        List<ProxmoxServer> usable = usable(all, job);
        String wanted = Util.fixEmptyAndTrim(name);
        Optional<ProxmoxServer> found =
                usable.stream().filter(server -> isCalled(server, wanted)).findFirst();
        if (found.isPresent()) {
            return found.get();
        }
        if (wanted != null && all.stream().anyMatch(server -> isCalled(server, wanted))) {
            throw new AbortException(Messages.ProxmoxServers_notForJob(SafeText.singleLine(wanted), job.getFullName()));
        }
        throw usable.isEmpty()
                ? new AbortException(Messages.ProxmoxServers_noneForJob(job.getFullName()))
                : unknown(wanted, usable);
    }

    /**
     * The same, whether the job may use it or not.
     *
     * @param job a failure tells it only the names of the servers that it may use; null for all
     * @throws AbortException when there is no such server
     */
    @NonNull
    static ProxmoxServer serverForReturn(@CheckForNull Item job, @CheckForNull String name) throws AbortException {
        List<ProxmoxServer> all = all();
        String wanted = Util.fixEmptyAndTrim(name);
        return all.stream()
                .filter(server -> isCalled(server, wanted))
                .findFirst()
                .orElseThrow(() -> unknown(wanted, job == null ? all : usable(all, job)));
    }

    private static List<ProxmoxServer> all() throws AbortException {
        List<ProxmoxServer> all = ProxmoxConfiguration.get().getServers();
        if (all.isEmpty()) {
            throw new AbortException(Messages.ProxmoxServers_none());
        }
        return all;
    }

    private static AbortException unknown(@CheckForNull String wanted, List<ProxmoxServer> servers) {
        return new AbortException(Messages.ProxmoxServers_unknown(
                SafeText.singleLine(Util.fixNull(wanted)),
                servers.stream().map(ProxmoxServer::getName).collect(Collectors.joining(", "))));
    }

    /**
     * Refuses a call that the job may not make, because the server, or this call on it, is not allowed to the job.
     *
     * @param serverName null for the default
     * @throws AbortException when it may not; the message names the rule that would allow the call
     */
    public static void requireAllowed(Run<?, ?> run, @CheckForNull String serverName, ApiCall call)
            throws AbortException {
        ProxmoxServer server = server(run.getParent(), serverName);
        CallRules rules;
        try {
            rules = server.callRules();
        } catch (IllegalArgumentException e) {
            throw new AbortException(Messages.ProxmoxServers_callRules(server.getName(), e.getMessage()));
        }
        if (!rules.allow(call)) {
            String line = CallRule.lineFor(call.method(), call.path());
            throw new AbortException(
                    rules.isEmpty()
                            ? Messages.ProxmoxServers_callsOff(server.getName(), call, line)
                            : Messages.ProxmoxServers_callNotAllowed(server.getName(), call, line));
        }
    }

    private static boolean isCalled(ProxmoxServer server, @CheckForNull String wanted) {
        return wanted == null || server.getName().equals(wanted);
    }
}
