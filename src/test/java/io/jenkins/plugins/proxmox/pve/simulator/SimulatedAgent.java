package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The network inside a guest and, in a virtual machine, the QEMU guest agent that tells of it. Unless a test says
 * otherwise, the agent is configured and answers from the start, and the guest has an address from the start.
 */
public final class SimulatedAgent {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private record Address(String network, String mac, String address, int prefix, boolean late) {
        boolean isIpv6() {
            return address.contains(":");
        }
    }

    private final SimulatedGuest guest;
    private final List<Address> addresses = new ArrayList<>();
    private volatile boolean configured = true;
    private volatile boolean enabled = true;
    private volatile boolean installed = true;
    private volatile Duration answersAfter = Duration.ZERO;
    private volatile Duration addressesAfter = Duration.ZERO;
    private volatile String system = "debian";
    private volatile long bootedNanos = System.nanoTime();
    private boolean preset = true;

    SimulatedAgent(SimulatedGuest guest) {
        this.guest = guest;
        add("lo", "127.0.0.1/8", false);
        add("lo", "::1/128", false);
        add("eth0", "192.0.2." + (1 + guest.vmid % 254) + "/24", true);
        add("eth0", "fe80::1/64", false);
    }

    /** Is as quick, or as slow, as the one in the guest of which this one is a clone. */
    void behavesLike(SimulatedAgent source) {
        answersAfter = source.answersAfter;
        addressesAfter = source.addressesAfter;
    }

    /** It is not enabled in the options of the virtual machine. */
    public SimulatedAgent notConfigured() {
        configured = false;
        return this;
    }

    /** It is disabled in the options of the virtual machine ({@code agent: 0}), which is not the same to Proxmox VE. */
    public SimulatedAgent off() {
        installed = false;
        enabled = false;
        return this;
    }

    /** It is enabled in the options of the virtual machine, from the next look on. */
    public SimulatedAgent configured() {
        configured = true;
        return this;
    }

    /** It is enabled, but nothing in the guest answers. */
    public SimulatedAgent notInstalled() {
        installed = false;
        return this;
    }

    /** It is there from now on, after {@link #notInstalled()}. */
    public SimulatedAgent installed() {
        installed = true;
        return this;
    }

    /** It answers that long after the guest has booted. */
    public SimulatedAgent answersAfter(Duration boot) {
        answersAfter = boot;
        return this;
    }

    /** The guest gets its addresses that long after the agent answers, or could. */
    public SimulatedAgent addressesAfter(Duration dhcp) {
        addressesAfter = dhcp;
        return this;
    }

    /** The guest gets no address at all, as without a DHCP server. */
    public SimulatedAgent withoutAddresses() {
        forgetPreset();
        addresses.removeIf(each -> each.late);
        return this;
    }

    /**
     * An interface that is there from the start, such as a bridge of Docker, with addresses such as
     * {@code 172.17.0.1/16}.
     */
    public synchronized SimulatedAgent has(String network, String... withPrefix) {
        forgetPreset();
        for (String address : withPrefix) {
            add(network, address, false);
        }
        return this;
    }

    /** Addresses that an interface gets when the guest gets its addresses. */
    public synchronized SimulatedAgent obtains(String network, String... withPrefix) {
        forgetPreset();
        for (String address : withPrefix) {
            add(network, address, true);
        }
        return this;
    }

    /** The system in the guest runs Windows instead of Linux. */
    public SimulatedAgent windows() {
        system = "mswindows";
        return this;
    }

    private synchronized void forgetPreset() {
        if (preset) {
            addresses.removeIf(each -> !each.network.equals("lo"));
            preset = false;
        }
    }

    private synchronized void add(String network, String withPrefix, boolean late) {
        int slash = withPrefix.indexOf('/');
        String mac = network.equals("lo")
                ? "00:00:00:00:00:00"
                : String.format(
                        "bc:24:11:%02x:%02x:%02x",
                        guest.vmid >> 8 & 0xff, guest.vmid & 0xff, network.hashCode() & 0xff);
        addresses.add(new Address(
                network, mac, withPrefix.substring(0, slash), Integer.parseInt(withPrefix.substring(slash + 1)), late));
    }

    /** The guest has just been switched on or reset. */
    void boot() {
        bootedNanos = System.nanoTime();
    }

    /** The option in the configuration; null when there is none. */
    String option() {
        return configured ? enabled ? "enabled=1" : "0" : null;
    }

    boolean isConfigured() {
        return configured;
    }

    /** Whether the agent answers now. */
    boolean answers() {
        return installed && guest.running && !guest.standsStill() && sinceBoot().compareTo(answersAfter) >= 0;
    }

    /** Whether the guest has got its addresses. */
    boolean hasAddresses() {
        return guest.running && sinceBoot().compareTo(answersAfter.plus(addressesAfter)) >= 0;
    }

    /**
     * What the guest has sent since it was switched on: nothing at first, then what IPv6 sends when its interface comes
     * up, then what it takes to get an address.
     */
    long sentBytes() {
        if (!guest.running) {
            return 0;
        }
        boolean isUp = sinceBoot().compareTo(answersAfter.dividedBy(2)) >= 0;
        return hasAddresses() ? 1_540 : isUp ? 220 : 0;
    }

    private Duration sinceBoot() {
        return Duration.ofNanos(System.nanoTime() - bootedNanos);
    }

    private synchronized List<Address> present() {
        boolean all = hasAddresses();
        return addresses.stream().filter(each -> all || !each.late).toList();
    }

    private synchronized List<Address> interfaces() {
        List<Address> firsts = new ArrayList<>();
        for (Address each : addresses) {
            if (firsts.stream().noneMatch(first -> first.network.equals(each.network))) {
                firsts.add(each);
            }
        }
        return firsts;
    }

    /** As {@code network-get-interfaces} answers. An interface without addresses has no list of them. */
    ArrayNode networkInterfaces() {
        ArrayNode list = NODES.arrayNode();
        for (Address network : interfaces()) {
            ObjectNode json = list.addObject().put("name", network.network).put("hardware-address", network.mac);
            List<Address> own = of(network);
            if (!own.isEmpty()) {
                ArrayNode ips = json.putArray("ip-addresses");
                own.forEach(each -> ips.addObject()
                        .put("ip-address", each.address)
                        .put("ip-address-type", each.isIpv6() ? "ipv6" : "ipv4")
                        .put("prefix", each.prefix));
            }
            if (!network.network.equals("lo")) {
                json.putObject("statistics").put("rx-bytes", 1).put("tx-bytes", 1);
            }
        }
        return list;
    }

    /** As {@code GET …/lxc/{vmid}/interfaces} answers (PVE::LXC, get_interfaces): the last address of a kind wins. */
    ArrayNode containerInterfaces(Generation generation) {
        ArrayNode list = NODES.arrayNode();
        for (Address network : interfaces()) {
            ObjectNode json = list.addObject().put("name", network.network).put("hwaddr", network.mac);
            List<Address> own = of(network);
            own.forEach(each -> json.put(each.isIpv6() ? "inet6" : "inet", each.address + "/" + each.prefix));
            if (generation == Generation.V9) {
                json.put("hardware-address", network.mac);
                ArrayNode ips = json.putArray("ip-addresses");
                own.forEach(each -> ips.addObject()
                        .put("ip-address", each.address)
                        .put("ip-address-type", each.isIpv6() ? "inet6" : "inet")
                        .put("prefix", String.valueOf(each.prefix)));
            }
        }
        return list;
    }

    private List<Address> of(Address network) {
        return present().stream()
                .filter(each -> each.network.equals(network.network))
                .toList();
    }

    /** As {@code get-osinfo} answers. */
    ObjectNode operatingSystem() {
        ObjectNode json = NODES.objectNode().put("id", system).put("machine", "x86_64");
        return system.equals("mswindows")
                ? json.put("name", "Microsoft Windows")
                        .put("pretty-name", "Windows Server 2022 Datacenter")
                        .put("version", "Microsoft Windows Server 2022")
                        .put("version-id", "2022")
                        .put("kernel-version", "20348")
                        .put("kernel-release", "20348")
                : json.put("name", "Debian GNU/Linux")
                        .put("pretty-name", "Debian GNU/Linux 12 (bookworm)")
                        .put("version", "12 (bookworm)")
                        .put("version-id", "12")
                        .put("kernel-version", "#1")
                        .put("kernel-release", "6.1.0");
    }
}
