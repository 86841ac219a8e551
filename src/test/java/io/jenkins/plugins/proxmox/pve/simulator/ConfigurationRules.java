package io.jenkins.plugins.proxmox.pve.simulator;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The rules for single settings of a guest's configuration: which there are, what they may be and what one must be
 * allowed to set them (PVE::QemuServer, PVE::API2::Qemu, PVE::LXC::Config, PVE::LXC).
 */
final class ConfigurationRules {

    private static final Pattern VM_KEYS = Pattern.compile("name|description|tags|cores|sockets|vcpus|cpu|cpulimit"
            + "|cpuunits|memory|balloon|shares|onboot|protection|agent|boot|bootdisk|ostype|scsihw|vga|bios|machine|numa"
            + "|kvm|hotplug|startup|template|args|lock|hookscript|tablet|acpi|ciuser|cipassword|cicustom|citype|ciupgrade"
            + "|sshkeys|nameserver|searchdomain|vmstatestorage|vmgenid|smbios1|rng0|watchdog|efidisk0|tpmstate0"
            + "|(ipconfig|net|scsi|virtio|ide|sata|unused|usb|hostpci|serial|numa)\\d+");

    private static final Pattern CONTAINER_KEYS = Pattern.compile("hostname|description|tags|cores|cpulimit|cpuunits"
            + "|memory|swap|onboot|protection|template|nameserver|searchdomain|startup|features|rootfs|ostype|arch|console"
            + "|tty|cmode|timezone|lock|hookscript|unprivileged|(mp|net|unused|dev)\\d+");

    private static final Set<String> BOOLEANS =
            Set.of("onboot", "protection", "template", "kvm", "numa", "tablet", "acpi", "ciupgrade", "console");

    /** Settings that are whole numbers, with the least that each may be. */
    private static final Map<String, Integer> INTEGERS = Map.of("cores", 1, "sockets", 1, "vcpus", 1, "balloon", 0);

    private static final Map<String, Integer> CONTAINER_INTEGERS = Map.of("cores", 1, "memory", 16, "swap", 0);

    private static final String DNS_LABEL = "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?";

    private static final String CARD = "(model=)?(virtio|e1000e?|rtl8139|vmxnet3|ne2k_pci|i82551)(=[0-9A-Fa-f:]+)?";

    private static final String OF_INTERFACE =
            "(,(bridge|firewall|tag|rate|queues|mtu|link_down|trunks|macaddr)=[^,]+)*";

    private final boolean container;

    ConfigurationRules(boolean container) {
        this.container = container;
    }

    boolean knows(String key) {
        return (container ? CONTAINER_KEYS : VM_KEYS).matcher(key).matches();
    }

    /** What a request that changes anything at all needs at least one of. */
    String anyRight() {
        return container
                ? "VM.Config.Disk|VM.Config.CPU|VM.Config.Memory|VM.Config.Network|VM.Config.Options"
                : "VM.Config.Disk|VM.Config.CDROM|VM.Config.CPU|VM.Config.Memory|VM.Config.Network|VM.Config.HWType"
                        + "|VM.Config.Options|VM.Config.Cloudinit";
    }

    /** The right that a setting other than a drive needs. */
    String right(String key) {
        if (key.matches("cores|sockets|vcpus|cpu|cpulimit|cpuunits|numa\\d*")) {
            return "VM.Config.CPU";
        }
        if (key.matches("memory|balloon|shares|swap")) {
            return "VM.Config.Memory";
        }
        if (key.matches("boot|bootdisk") || GuestConfiguration.isDisk(key) || key.startsWith("unused")) {
            return "VM.Config.Disk";
        }
        if (key.matches("net\\d+") || container && key.matches("hostname|nameserver|searchdomain")) {
            return "VM.Config.Network";
        }
        if (!container && key.matches("ci.*|sshkeys|nameserver|searchdomain|ipconfig\\d+")) {
            return "VM.Config.Cloudinit|VM.Config.Network";
        }
        return !container && key.matches("vga|scsihw|machine|bios|(usb|serial)\\d+|watchdog|rng0|smbios1|ostype")
                ? "VM.Config.HWType"
                : "VM.Config.Options";
    }

    /** What is wrong with a value, or null. */
    String complaint(String key, String value) {
        if (BOOLEANS.contains(key)) {
            return value.matches("[01]") ? null : "type check ('boolean') failed - got '" + value + "'";
        }
        Integer least = (container ? CONTAINER_INTEGERS : INTEGERS).get(key);
        if (least != null) {
            return complaintAboutNumber(value, least);
        }
        return switch (key) {
            case "memory" -> complaintAboutMemory(value);
            case "name", "hostname" ->
                value.matches(DNS_LABEL + "(\\." + DNS_LABEL + ")*")
                        ? null
                        : "invalid format - value does not look like a valid DNS name\n";
            case "description" -> value.length() > 8192 ? "value may only be 8192 characters long" : null;
            case "tags" ->
                tags(value).stream().allMatch(tag -> tag.matches("[a-zA-Z0-9_][a-zA-Z0-9_\\-+.]*"))
                        ? null
                        : "invalid format - invalid characters in tag\n";
            case "sshkeys" ->
                value.matches("[-%a-zA-Z0-9_.!~*'()]*")
                        ? null
                        : "invalid format - invalid urlencoded string: " + value + "\n";
            default -> complaintAboutNetwork(key, value);
        };
    }

    private static String complaintAboutNumber(String value, int least) {
        if (!value.matches("-?\\d+")) {
            return "type check ('integer') failed - got '" + value + "'";
        }
        return Long.parseLong(value) < least ? "value must have a minimum value of " + least : null;
    }

    private static String complaintAboutMemory(String value) {
        String complaint = complaintAboutNumber(value.replaceFirst("^current=", ""), 16);
        return complaint == null ? null : "invalid format - format error\nmemory.current: " + complaint + "\n";
    }

    private String complaintAboutNetwork(String key, String value) {
        if (key.matches("ipconfig\\d+")) {
            String ip = "(dhcp|manual|\\d+\\.\\d+\\.\\d+\\.\\d+/\\d+)";
            if (!value.matches("(|.*,)ip=" + ip + "(,.*|)") && value.matches("(|.*,)ip=.*")) {
                return "invalid format - format error\n" + key
                        + ".ip: invalid format - value does not look like a valid ipv4 network configuration\n\n";
            }
            return null;
        }
        if (!container && key.matches("net\\d+") && !value.matches(CARD + OF_INTERFACE)) {
            return "invalid format - format error\n" + key + ".model: property is missing and it is not optional\n";
        }
        return container && key.matches("net\\d+") && !value.matches("(.*,)?name=.*")
                ? "invalid format - format error\n" + key + ".name: property is missing and it is not optional\n"
                : null;
    }

    /** An error that no check of the form finds, or null: keys that are none. */
    static String refusal(String key, String value) {
        if (!key.equals("sshkeys")) {
            return null;
        }
        boolean keys = URLDecoder.decode(value, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .allMatch(line -> line.matches("(ssh|ecdsa|sk-ssh|sk-ecdsa)-\\S+ [A-Za-z0-9+/=]{16,}( .*)?"));
        return keys ? null : "SSH public key validation error";
    }

    /** What a value becomes in the file. */
    static String stored(String key, String value) {
        return key.equals("tags") ? String.join(";", new TreeSet<>(tags(value.toLowerCase(Locale.ROOT)))) : value;
    }

    private static List<String> tags(String value) {
        return Pattern.compile("[,;\\s]+")
                .splitAsStream(value)
                .filter(tag -> !tag.isEmpty())
                .toList();
    }
}
