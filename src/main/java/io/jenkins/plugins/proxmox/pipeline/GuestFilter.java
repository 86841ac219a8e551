package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which guests of a server {@code proxmoxStatus} lists: those that have all tags, are in one of the pools, have one of
 * the states and are on the node. What is empty does not matter.
 *
 * @param node null for any
 */
record GuestFilter(
        List<String> tags,
        List<String> pools,
        List<String> states,
        @CheckForNull String node) {

    private static final String[] STATES = {"running", "stopped", "paused", "unknown"};

    /**
     * The values of a filter: one text, or a list of them. Null and blank texts do not count.
     *
     * @throws IllegalArgumentException when it is neither
     */
    @NonNull
    static List<String> values(String parameter, @CheckForNull Object given) {
        List<String> values = new ArrayList<>();
        for (Object each : given instanceof Iterable<?> list ? list : given == null ? List.of() : List.of(given)) {
            boolean isText = each == null || each instanceof CharSequence || each instanceof Number;
            if (!isText) {
                throw new IllegalArgumentException(
                        Messages.GuestFilter_noText(parameter, SafeText.singleLine(each.toString())));
            }
            String text = GuestParameters.text(each);
            if (text != null) {
                values.add(text);
            }
        }
        return values;
    }

    /**
     * The same for states.
     *
     * @throws IllegalArgumentException when one is not a state
     */
    @NonNull
    static List<String> states(String parameter, @CheckForNull Object given) {
        List<String> states = values(parameter, given);
        states.forEach(state -> GuestParameters.choice(parameter, state, STATES));
        return states;
    }

    /** As a script gives them: null for none, a text for one, else the list. */
    @CheckForNull
    static Object given(List<String> values) {
        return values.isEmpty() ? null : values.size() == 1 ? values.get(0) : values;
    }

    boolean isEmpty() {
        return tags.isEmpty() && pools.isEmpty() && states.isEmpty() && node == null;
    }

    /**
     * @throws GuestException when the cluster has no such node
     */
    void requireNode(List<NodeResource> nodes) throws GuestException {
        if (node != null && nodes.stream().noneMatch(each -> each.name().equals(node))) {
            throw new GuestException(Messages.GuestFilter_noNode(
                    SafeText.singleLine(node), names(nodes.stream().map(NodeResource::name))));
        }
    }

    /**
     * The pools of this filter of which no listed guest is a member.
     */
    @NonNull
    List<String> poolsWithout(List<ListedGuest> guests) {
        return pools.stream()
                .filter(pool -> guests.stream().noneMatch(guest -> pool.equals(guest.pool())))
                .toList();
    }

    /**
     * @param visible the pools that the identity can see
     * @throws GuestException when one of {@code wanted} is not among them
     */
    static void requirePools(List<String> wanted, List<String> visible, String identity) throws GuestException {
        for (String pool : wanted) {
            if (!visible.contains(pool)) {
                String line = SafeText.singleLine(pool);
                throw new GuestException(
                        visible.isEmpty()
                                ? Messages.GuestFilter_seesNoPool(line, identity)
                                : Messages.GuestFilter_noPool(line, identity, names(visible.stream())));
            }
        }
    }

    private static String names(Stream<String> names) {
        return names.sorted().collect(Collectors.joining(", "));
    }

    boolean matches(ListedGuest guest) {
        // Proxmox VE stores tags in lower case, unless it is told to respect it
        List<String> own =
                guest.tags().stream().map(tag -> tag.toLowerCase(Locale.ROOT)).toList();
        return tags.stream().allMatch(tag -> own.contains(tag.toLowerCase(Locale.ROOT)))
                && (pools.isEmpty() || pools.contains(String.valueOf(guest.pool())))
                && (states.isEmpty() || states.contains(guest.status()))
                && (node == null || node.equals(guest.location().node()));
    }
}
