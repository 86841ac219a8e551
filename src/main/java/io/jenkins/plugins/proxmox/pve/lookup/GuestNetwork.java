package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.model.GuestAddress;
import io.jenkins.plugins.proxmox.pve.model.GuestInterface;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The network inside a guest.
 *
 * @param interfaces in the order in which the guest lists them
 */
public record GuestNetwork(List<GuestInterface> interfaces) implements Serializable {

    /** Nothing is known yet. */
    public static final GuestNetwork UNKNOWN = new GuestNetwork(List.of());

    /**
     * Interfaces that a guest creates for its own containers and virtual machines. Docker calls its networks
     * {@code br-} and the beginning of an ID, while {@code br-lan} or {@code br0} is the guest's own choice.
     */
    private static final Pattern INTERNAL = Pattern.compile("docker.*|br-[0-9a-f]{12}|podman\\d+|cni\\d+|cni-podman\\d+"
            + "|nerdctl\\d+|veth.*|virbr\\d+.*|lxcbr\\d+|lxdbr\\d+|incusbr\\d+|flannel.*|cali.*|vxlan\\.calico|cilium.*"
            + "|lxc_.*|weave|kube-ipvs\\d+|tunl\\d+|vEthernet \\((?:nat|WSL.*|Default Switch)\\)");

    public GuestNetwork {
        // the list of a value that is saved with a build
        interfaces = new ArrayList<>(interfaces);
    }

    @Override
    public List<GuestInterface> interfaces() {
        return List.copyOf(interfaces);
    }

    /**
     * The address under which others most likely reach the guest: the first IPv4 address that counts, in the guest's
     * own order of interfaces, or else the first IPv6 address, unique local ones last. Null when there is none.
     */
    @CheckForNull
    public String ip() {
        List<GuestAddress> usable = interfaces.stream()
                .filter(each -> !isInternal(each))
                .flatMap(each -> each.addresses().stream())
                .filter(each -> reasonAgainst(each).isEmpty())
                .toList();
        return Stream.of(
                        usable.stream().filter(GuestAddress::isIpv4),
                        usable.stream().filter(each -> !each.isIpv4() && !each.isUniqueLocal()),
                        usable.stream().filter(each -> !each.isIpv4()))
                .map(Stream::findFirst)
                .flatMap(Optional::stream)
                .map(GuestAddress::address)
                .findFirst()
                .orElse(null);
    }

    private static boolean isInternal(GuestInterface network) {
        return INTERNAL.matcher(network.name()).matches();
    }

    private static String reasonAgainst(GuestAddress address) {
        if (address.isLoopback()) {
            return Texts.of("address.loopback");
        }
        if (address.isLinkLocal()) {
            return Texts.of("address.link-local");
        }
        return address.isUnspecified() ? Texts.of("address.unspecified") : "";
    }

    /** All addresses, each with its interface and, where it does not count, the reason; empty when there are none. */
    public String inWords() {
        return interfaces.stream()
                .flatMap(network -> network.addresses().stream().map(address -> inWords(network, address)))
                .collect(Collectors.joining(", "));
    }

    private static String inWords(GuestInterface network, GuestAddress address) {
        String reason = reasonAgainst(address);
        if (reason.isEmpty() && isInternal(network)) {
            reason = Texts.of("address.internal");
        }
        return reason.isEmpty()
                ? Texts.of("address.on", address, network.name())
                : Texts.of("address.not-counted", address, network.name(), reason);
    }
}
