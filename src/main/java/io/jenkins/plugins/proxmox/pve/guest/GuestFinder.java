package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.client.ClusterNode;
import io.jenkins.plugins.proxmox.pve.client.Guest;
import io.jenkins.plugins.proxmox.pve.client.GuestLocation;
import io.jenkins.plugins.proxmox.pve.client.GuestType;
import io.jenkins.plugins.proxmox.pve.client.Listing;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.client.Wording;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Finds a guest in the cluster, or says why it is not found. */
public final class GuestFinder {

    private static final int MOST_CANDIDATES = 15;

    private final ProxmoxClient client;

    public GuestFinder(ProxmoxClient client) {
        this.client = client;
    }

    /**
     * The guest that is meant.
     *
     * @throws GuestException when there is none, more than one, or it lives on another node than asked for
     */
    public Guest find(GuestSelector selector) throws ProxmoxException, GuestException {
        Listing<Guest> visible = client.guests();
        List<Guest> named = visible.stream().filter(selector::matches).toList();
        List<Guest> found = named.stream().filter(selector::isOnNode).toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        if (found.size() > 1) {
            throw new GuestException(Texts.of("finder.several", selector.name(), list(found)));
        }
        if (!named.isEmpty()) {
            throw new GuestException(Texts.of("finder.elsewhere", selector, list(named)));
        }
        GuestException none = selector.vmid() != null ? noSuchVmid(selector) : noSuchName(selector, visible);
        throw visible.leftOut().isEmpty()
                ? none
                : new GuestException(
                        Wording.sentences(none.getMessage(), visible.leftOut().inWords()));
    }

    /**
     * Proxmox VE checks permission before existence: asked for the status, it answers 403 to the one who may not see
     * the guest, which is thrown as it is, and 500 to the one who may.
     */
    private GuestException noSuchVmid(GuestSelector selector) throws ProxmoxException {
        List<ClusterNode> nodes = client.nodes();
        if (selector.node() != null && nodes.stream().noneMatch(n -> n.name().equals(selector.node()))) {
            return new GuestException(Texts.of(
                    "finder.no-node",
                    selector.node(),
                    nodes.stream().map(ClusterNode::name).sorted().collect(Collectors.joining(", "))));
        }
        String anyNode = nodes.stream()
                .filter(ClusterNode::isOnline)
                .map(ClusterNode::name)
                .findFirst()
                .orElse(null);
        if (anyNode != null) {
            try {
                client.status(new GuestLocation(anyNode, GuestType.QEMU, selector.vmid()));
            } catch (RequestRejectedException e) {
                if (!e.isNoSuchGuest()) {
                    throw e;
                }
            }
        }
        return new GuestException(Texts.of("finder.no-vmid", selector.vmid()));
    }

    private GuestException noSuchName(GuestSelector selector, List<Guest> visible) {
        if (visible.isEmpty()) {
            return new GuestException(Texts.of("finder.sees-none", selector, client.identity()));
        }
        String wanted = String.valueOf(selector.name()).toLowerCase(Locale.ROOT);
        List<Guest> candidates = visible.stream()
                .filter(guest -> !guest.name().isEmpty())
                .sorted(Comparator.comparing((Guest guest) -> !resembles(guest, wanted))
                        .thenComparing(Guest::name))
                .toList();
        return new GuestException(Wording.sentences(
                Texts.of("finder.no-name", selector, visible.size(), client.identity(), list(candidates)),
                nameless(visible.size() - candidates.size())));
    }

    /** After a node was off for some minutes the cluster has forgotten the names of its guests (pmxcfs, status.c). */
    private static String nameless(int guests) {
        return guests == 0 ? "" : Texts.of("finder.nameless", guests);
    }

    private static boolean resembles(Guest guest, String wanted) {
        String name = guest.name().toLowerCase(Locale.ROOT);
        return name.contains(wanted) || wanted.contains(name);
    }

    private static String list(List<Guest> guests) {
        String shown =
                guests.stream().limit(MOST_CANDIDATES).map(Guest::toString).collect(Collectors.joining(", "));
        int more = guests.size() - MOST_CANDIDATES;
        return more > 0 ? Texts.of("finder.more", shown, more) : shown;
    }
}
