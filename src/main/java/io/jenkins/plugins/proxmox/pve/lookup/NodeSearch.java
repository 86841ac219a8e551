package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.ClusterNode;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Asks single nodes for a guest. Proxmox VE checks permission before existence: asked for the status, it answers 403 to
 * the one who may not see the guest, which is thrown as it is, and 500 to the one who may. What else goes wrong with one
 * node is no reason not to ask the next one.
 */
final class NodeSearch {

    private final ProxmoxClient client;
    private final long until;
    private boolean conclusive;

    NodeSearch(ProxmoxClient client, Duration limit) {
        this.client = client;
        this.until = System.nanoTime() + limit.toNanos();
    }

    /** Whether an answer tells that the identity would have seen the guest; always when it was looked for by name. */
    boolean isConclusive() {
        return conclusive;
    }

    /** Asks nodes until one tells whether the identity may see the guest, which it would tell of one elsewhere, too. */
    List<ListedGuest> visible(int vmid, List<String> nodes) throws ProxmoxException {
        for (String node : nodes) {
            ListedGuest found = ask(new GuestLocation(node, GuestType.QEMU, vmid));
            if (found != null) {
                return List.of(found);
            }
            if (conclusive || isOver()) {
                break;
            }
        }
        return List.of();
    }

    /** Asks all nodes for it, whatever the list says of them. */
    List<ListedGuest> anywhere(GuestSelector selector, List<ClusterNode> nodes) throws ProxmoxException {
        Set<String> names = new LinkedHashSet<>();
        if (selector.node() != null) {
            names.add(selector.node());
        } else {
            nodes.forEach(node -> names.add(node.name()));
        }
        for (String node : names) {
            for (GuestType type : GuestType.values()) {
                ListedGuest found = isOver() ? null : ask(new GuestLocation(node, type, selector.vmid()));
                if (found != null) {
                    return List.of(found);
                }
            }
        }
        return List.of();
    }

    /** The ones of that name among listed guests of which the cluster has forgotten the names. */
    List<ListedGuest> named(GuestSelector selector, List<ListedGuest> listed) throws ProxmoxException {
        conclusive = true;
        List<ListedGuest> found = new ArrayList<>();
        for (ListedGuest guest : listed) {
            if (guest.name().isEmpty() && selector.isOnNode(guest) && !isOver()) {
                ListedGuest asked = ask(guest.location());
                if (asked != null && selector.matches(asked)) {
                    found.add(asked);
                }
            }
        }
        return found;
    }

    private boolean isOver() {
        return System.nanoTime() - until > 0;
    }

    @CheckForNull
    private ListedGuest ask(GuestLocation location) throws ProxmoxException {
        try {
            return listed(client.status(location));
        } catch (RequestRejectedException e) {
            conclusive |= e.isNoSuchGuest();
            if (!e.isNoSuchGuest() && !e.mayPass()) {
                throw e;
            }
            return null;
        } catch (NodeUnreachableException e) {
            return null;
        }
    }

    private static ListedGuest listed(GuestStatus now) {
        return new ListedGuest(
                now.location(),
                now.name(),
                now.state(),
                false,
                now.lock(),
                now.haManaged() ? String.valueOf(now.haState()) : null,
                now.observedAt());
    }
}
