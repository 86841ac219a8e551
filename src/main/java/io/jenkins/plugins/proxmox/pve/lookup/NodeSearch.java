package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Queries single nodes for a guest. Proxmox VE checks permission before existence: for the status, it answers 403 to an
 * identity that may not see the guest, and 500 to one that may. The 403 is thrown as it is. After any other error of a
 * node, the search continues with the next one.
 */
final class NodeSearch {

    private final ProxmoxClient client;
    private final long until;
    private boolean conclusive;
    private boolean knowsAllNames = true;

    NodeSearch(ProxmoxClient client, Duration limit) {
        this.client = client;
        this.until = System.nanoTime() + limit.toNanos();
    }

    /** Whether an answer shows that the identity would have seen the guest; always true for a search by name. */
    boolean isConclusive() {
        return conclusive;
    }

    /** Whether a search by name has learned the name of every guest in the list. */
    boolean knowsAllNames() {
        return knowsAllNames;
    }

    /**
     * Queries nodes until one shows whether the identity may see the guest. Any node shows this, even if the guest is
     * elsewhere.
     */
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

    /** Queries all nodes for the guest, whatever the list says about them. */
    List<ListedGuest> anywhere(GuestSelector selector, List<NodeResource> nodes) throws ProxmoxException {
        List<String> names = selector.node() != null
                ? List.of(selector.node())
                : nodes.stream().map(NodeResource::name).distinct().toList();
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

    /**
     * The guests with that name, among listed guests whose names the cluster has forgotten.
     *
     * @param answers whether a node can be queried
     */
    List<ListedGuest> named(GuestSelector selector, List<ListedGuest> listed, Predicate<String> answers)
            throws ProxmoxException {
        List<ListedGuest> found = new ArrayList<>();
        for (ListedGuest guest : listed) {
            if (!guest.name().isEmpty() || !selector.isOnNode(guest)) {
                continue;
            }
            boolean isAsked = answers.test(guest.location().node()) && !isOver();
            ListedGuest asked = isAsked ? ask(guest.location()) : null;
            knowsAllNames &= asked != null;
            if (asked != null && selector.matches(asked)) {
                found.add(asked);
            }
        }
        conclusive = true;
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
                List.of(),
                null,
                now.lock(),
                now.haManaged() ? String.valueOf(now.haState()) : null,
                null,
                now.observedAt());
    }
}
