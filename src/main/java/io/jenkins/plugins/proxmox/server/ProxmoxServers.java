package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.util.ListBoxModel;
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
        return server(run, serverName).timeouts().response().multipliedBy(ANSWERS);
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
    static ProxmoxServer server(Run<?, ?> run, @CheckForNull String name) throws AbortException {
        Item job = run.getParent();
        List<ProxmoxServer> all = ProxmoxConfiguration.get().getServers();
        if (all.isEmpty()) {
            throw new AbortException(Messages.ProxmoxServers_none());
        }
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
        throw new AbortException(
                usable.isEmpty()
                        ? Messages.ProxmoxServers_noneForJob(job.getFullName())
                        : Messages.ProxmoxServers_unknown(
                                SafeText.singleLine(Util.fixNull(wanted)),
                                usable.stream().map(ProxmoxServer::getName).collect(Collectors.joining(", "))));
    }

    private static boolean isCalled(ProxmoxServer server, @CheckForNull String wanted) {
        return wanted == null || server.getName().equals(wanted);
    }
}
