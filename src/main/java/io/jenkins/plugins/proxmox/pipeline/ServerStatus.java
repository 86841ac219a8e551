package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import io.jenkins.plugins.proxmox.pve.model.SkippedEntries;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What {@code proxmoxStatus} returns of a server: its nodes, and those guests that a filter lets through. */
final class ServerStatus {

    private ServerStatus() {}

    /**
     * Asks the server.
     *
     * @param server its name
     * @throws GuestException when the filter names a node or a pool that the identity does not see
     */
    @NonNull
    static Map<String, Object> of(ProxmoxClient client, String server, GuestFilter filter, Consumer<String> log)
            throws ProxmoxException, GuestException {
        ServerVersion version = client.version();
        Listing<NodeResource> nodes = client.nodes();
        filter.requireNode(nodes);
        Listing<ListedGuest> visible = client.guests();
        List<String> empty = filter.poolsWithout(visible);
        if (!empty.isEmpty()) {
            GuestFilter.requirePools(empty, client.resources().pools(), client.identity());
        }
        List<Map<String, Object>> guests = visible.stream()
                .filter(filter::matches)
                .map(ServerStatus::entry)
                .toList();
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("server", server);
        status.put("version", version.version());
        status.put("identity", client.identity());
        status.put(
                "nodes", new ArrayList<>(nodes.stream().map(ServerStatus::entry).toList()));
        status.put("guests", new ArrayList<>(guests));
        log.accept(
                Messages.ProxmoxStatusStep_server(version.version(), nodes.size(), visible.size(), client.identity()));
        if (!filter.isEmpty()) {
            log.accept(Messages.ProxmoxStatusStep_filtered(guests.size()));
        }
        for (SkippedEntries leftOut : List.of(nodes.leftOut(), visible.leftOut())) {
            if (!leftOut.isEmpty()) {
                log.accept(leftOut.inWords());
            }
        }
        return status;
    }

    private static Map<String, Object> entry(NodeResource node) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", node.name());
        entry.put("status", node.status());
        return entry;
    }

    private static Map<String, Object> entry(ListedGuest guest) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("vmid", guest.location().vmid());
        entry.put("name", guest.name());
        entry.put("node", guest.location().node());
        entry.put("type", guest.location().type().apiName());
        entry.put("status", guest.status());
        entry.put("template", guest.template());
        entry.put("tags", new ArrayList<>(guest.tags()));
        entry.put("pool", guest.pool());
        entry.put("lock", guest.lock());
        return entry;
    }
}
