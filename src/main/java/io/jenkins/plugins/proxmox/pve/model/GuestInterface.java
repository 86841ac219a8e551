package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A network interface inside a guest.
 *
 * @param name the guest's own name of it, such as {@code eth0}
 * @param macAddress empty when unknown
 * @param addresses in the order in which the guest lists them
 */
public record GuestInterface(String name, String macAddress, List<GuestAddress> addresses) implements Serializable {

    public GuestInterface {
        // the list of a value that is saved with a build
        addresses = new ArrayList<>(addresses);
    }

    @Override
    public List<GuestAddress> addresses() {
        return List.copyOf(addresses);
    }

    /**
     * Reads an entry of {@code agent/network-get-interfaces} or of {@code lxc/…/interfaces}. Of a container, versions
     * before 9 tell one address of each kind only, as {@code inet} and {@code inet6} (PVE::LXC, get_interfaces).
     *
     * @throws IllegalArgumentException when it has no name, or an address in it is none
     */
    @NonNull
    public static GuestInterface from(JsonNode json) {
        List<GuestAddress> addresses = new ArrayList<>();
        if (json.has("ip-addresses")) {
            addresses.addAll(Listing.of(json.path("ip-addresses"), GuestAddress::from));
        } else {
            for (String family : List.of("inet", "inet6")) {
                if (json.has(family)) {
                    addresses.add(GuestAddress.parse(json.path(family).asText("")));
                }
            }
        }
        String mac = json.path("hardware-address").asText(json.path("hwaddr").asText(""));
        return new GuestInterface(
                SafeText.singleLine(JsonChecks.requireText("name", json)), SafeText.singleLine(mac), addresses);
    }
}
