package io.jenkins.plugins.proxmox.pve.lookup;

import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Finds a guest in the cluster, or explains why it is not found. */
public final class GuestFinder {

    private static final int MOST_CANDIDATES = 15;

    /** How long to query nodes one by one for a guest that is not in the list. */
    private static final Duration LONGEST_SEARCH = Duration.ofSeconds(20);

    private final ProxmoxClient client;

    public GuestFinder(ProxmoxClient client) {
        this.client = client;
    }

    /**
     * The selected guest.
     *
     * @throws GuestNotListedException when the cluster reports no node as online, so that its list proves nothing, and
     *     no node that could be queried has the guest; or when its VMID is taken nevertheless
     * @throws NoSuchGuestException when there is certainly none: its VMID is free or, for a name, every guest that the
     *     identity sees has another one
     * @throws GuestException when there is more than one, it is on another node than requested, or none is found by a
     *     name that a guest which the identity does not see may have
     * @throws io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException when the identity may not see it
     */
    public ListedGuest find(GuestSelector selector) throws ProxmoxException, GuestException {
        Listing<ListedGuest> visible = client.guests();
        List<ListedGuest> named = visible.stream().filter(selector::matches).toList();
        List<ListedGuest> found = named.stream().filter(selector::isOnNode).toList();
        if (found.isEmpty() && !named.isEmpty()) {
            throw new GuestException(Texts.of("finder.elsewhere", selector, list(named)));
        }
        return only(found.isEmpty() ? unlisted(selector, visible) : found, selector);
    }

    private static ListedGuest only(List<ListedGuest> found, GuestSelector selector) throws GuestException {
        if (found.size() > 1) {
            throw new GuestException(Texts.of("finder.several", selector.name(), list(found)));
        }
        return found.get(0);
    }

    /**
     * Queries single nodes for a guest that the list does not have. A guest is missing from the list for up to ten
     * seconds after the cluster services were restarted, and longer without quorum: then names, nodes or everything is
     * unknown.
     */
    private List<ListedGuest> unlisted(GuestSelector selector, Listing<ListedGuest> visible)
            throws ProxmoxException, GuestException {
        List<NodeResource> nodes = client.nodes();
        List<String> online = nodes.stream()
                .filter(NodeResource::isOnline)
                .map(NodeResource::name)
                .toList();
        boolean known = !online.isEmpty();
        if (known
                && selector.node() != null
                && nodes.stream().noneMatch(n -> n.name().equals(selector.node()))) {
            throw new GuestException(Texts.of(
                    "finder.no-node",
                    selector.node(),
                    nodes.stream().map(NodeResource::name).sorted().collect(Collectors.joining(", "))));
        }
        NodeSearch search = new NodeSearch(client, LONGEST_SEARCH);
        List<ListedGuest> found;
        if (selector.vmid() == null) {
            found = search.named(selector, visible, node -> !known || online.contains(node));
        } else {
            try {
                found = known ? search.visible(selector.vmid(), online) : search.anywhere(selector, nodes);
            } catch (PermissionDeniedException e) {
                if (known && client.provisioning().isFree(selector.vmid())) {
                    // the node refuses to say so
                    throw none(selector, visible);
                }
                throw e;
            }
        }
        if (!found.isEmpty()) {
            return found;
        }
        if (!known || !search.isConclusive()) {
            throw notListed(selector, known);
        }
        if (selector.vmid() == null) {
            String none = MessageBundle.sentences(
                    noSuchName(selector, visible), visible.leftOut().inWords());
            boolean isCertain = !visible.isEmpty() && visible.leftOut().isEmpty() && search.knowsAllNames();
            throw isCertain ? new NoSuchGuestException(none) : new GuestException(none);
        }
        if (!client.provisioning().isFree(selector.vmid())) {
            throw new GuestNotListedException(Texts.of("finder.taken", selector.vmid()));
        }
        throw none(selector, visible);
    }

    private static NoSuchGuestException none(GuestSelector selector, Listing<ListedGuest> visible) {
        return new NoSuchGuestException(MessageBundle.sentences(
                Texts.of("finder.no-vmid", selector.vmid()), visible.leftOut().inWords()));
    }

    private static GuestNotListedException notListed(GuestSelector selector, boolean known) {
        return new GuestNotListedException(
                Texts.of(known ? "finder.no-node-answers" : "finder.no-node-online", selector));
    }

    private String noSuchName(GuestSelector selector, List<ListedGuest> visible) {
        if (visible.isEmpty()) {
            return Texts.of("finder.sees-none", selector, client.identity());
        }
        String wanted = String.valueOf(selector.name()).toLowerCase(Locale.ROOT);
        List<ListedGuest> candidates = visible.stream()
                .filter(guest -> !guest.name().isEmpty())
                .sorted(Comparator.comparing((ListedGuest guest) -> !resembles(guest, wanted))
                        .thenComparing(ListedGuest::name))
                .toList();
        return MessageBundle.sentences(
                Texts.of("finder.no-name", selector, visible.size(), client.identity(), list(candidates)),
                nameless(visible.size() - candidates.size()));
    }

    /** After a node was off for some minutes, the cluster has forgotten the names of its guests (pmxcfs, status.c). */
    private static String nameless(int guests) {
        return guests == 0 ? "" : Texts.of("finder.nameless", guests);
    }

    private static boolean resembles(ListedGuest guest, String wanted) {
        String name = guest.name().toLowerCase(Locale.ROOT);
        return name.contains(wanted) || wanted.contains(name);
    }

    private static String list(List<ListedGuest> guests) {
        String shown = guests.stream()
                .limit(MOST_CANDIDATES)
                .map(ListedGuest::toString)
                .collect(Collectors.joining(", "));
        int more = guests.size() - MOST_CANDIDATES;
        return more > 0 ? Texts.of("finder.more", shown, more) : shown;
    }
}
