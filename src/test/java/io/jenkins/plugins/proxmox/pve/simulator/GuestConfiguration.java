package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The configuration file of a simulated guest: what it has besides its name, its tags, its lock and its template flag. */
final class GuestConfiguration {

    /** PVE::QemuServer, PVE::LXC::Config: settings that are numbers in an answer; all others are text. */
    private static final Set<String> NUMBERS = Set.of(
            "cores", "sockets", "balloon", "onboot", "protection", "template", "unprivileged", "swap", "kvm", "numa");

    private static final Pattern SIZE = Pattern.compile("size=([0-9.]+[KMGT]?)");

    /** PVE::QemuServer, {@code vmconfig_hotplug_pending}: what a running virtual machine does not take at once. */
    private static final Set<String> AT_NEXT_START = Set.of(
            "cores", "sockets", "vcpus", "cpu", "memory", "balloon", "numa", "kvm", "machine", "bios", "vga", "scsihw",
            "boot", "ostype", "agent", "args");

    private static final Pattern DISK = Pattern.compile("(scsi|virtio|ide|sata|mp|efidisk|tpmstate)\\d+|rootfs");

    private final SimulatedGuest guest;
    private final Map<String, String> values = new TreeMap<>();

    /** What the running process has of what is to change at the next start; empty where it has nothing. */
    private final Map<String, Optional<String>> effective = new TreeMap<>();

    private boolean incomplete;

    GuestConfiguration(SimulatedGuest guest) {
        this.guest = guest;
        values.put("memory", "1024");
        values.put("cores", "1");
        if (guest.container) {
            values.put("net0", "name=eth0,bridge=vmbr0,hwaddr=" + hardwareAddress(guest.vmid) + ",ip=dhcp,type=veth");
            values.put("unprivileged", "1");
        } else {
            values.put("net0", "virtio=" + hardwareAddress(guest.vmid) + ",bridge=vmbr0");
            values.put("boot", "order=scsi0");
            values.put("ide2", "local:iso/debian.iso,media=cdrom");
        }
    }

    static String hardwareAddress(int vmid) {
        return String.format("BC:24:11:%02X:%02X:%02X", vmid >> 16 & 0xFF, vmid >> 8 & 0xFF, vmid & 0xFF);
    }

    String nameKey() {
        return guest.container ? "hostname" : "name";
    }

    String diskKey() {
        return guest.container ? "rootfs" : "scsi0";
    }

    static boolean isDisk(String key) {
        return DISK.matcher(key).matches();
    }

    /** Whether a value is that of a drive for disks that can be taken out, such as that of cloud-init. */
    static boolean isCdrom(String value) {
        return value.contains("media=cdrom") || value.matches("(none|cdrom|[^:,]+:cloudinit)(,.*)?");
    }

    synchronized String get(String key) {
        return all().get(key);
    }

    /** Holds nothing but that from now on, as a file does that is still being made. */
    synchronized void isIncomplete(Map<String, String> only) {
        values.clear();
        values.putAll(only);
        guest.name = only.get(nameKey());
        guest.tags = only.get("tags");
        incomplete = true;
    }

    /** Is complete, and holds that. */
    synchronized void isComplete(Map<String, String> whole) {
        values.clear();
        effective.clear();
        incomplete = false;
        whole.forEach(this::set);
    }

    /** Sets a value as a request does: hardware of a running virtual machine changes at its next start. */
    synchronized void change(String key, String value) {
        if (guest.running && !guest.container && AT_NEXT_START.contains(key)) {
            effective.putIfAbsent(key, Optional.ofNullable(get(key)));
        }
        set(key, value);
    }

    /** What was to change is as it was. */
    synchronized void revert(String key) {
        Optional<String> before = effective.remove(key);
        if (before != null) {
            set(key, before.orElse(null));
        }
    }

    /** The process has ended or begun. */
    synchronized void takeEffect() {
        effective.clear();
    }

    /** What the running process has. */
    synchronized Map<String, String> effective() {
        Map<String, String> all = all();
        effective.forEach((key, value) -> {
            all.remove(key);
            value.ifPresent(present -> all.put(key, present));
        });
        return all;
    }

    /** As {@code GET …/pending} shows it. */
    synchronized ArrayNode pending() {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        Map<String, String> now = effective();
        Map<String, String> later = all();
        Set<String> keys = new TreeSet<>(now.keySet());
        keys.addAll(later.keySet());
        ObjectNode present = json(now, guest.container);
        ObjectNode future = json(later, guest.container);
        for (String key : keys) {
            ObjectNode json = list.addObject().put("key", key);
            if (present.has(key)) {
                json.set("value", present.get(key));
            }
            if (!future.has(key)) {
                json.put("delete", 1);
            } else if (!future.get(key).equals(present.get(key))) {
                json.set("pending", future.get(key));
            }
        }
        list.addObject().put("key", "digest").put("value", digest());
        return list;
    }

    /** Sets a value, or takes it away with null. */
    synchronized void set(String key, String value) {
        if (key.equals(nameKey())) {
            guest.name = value;
        } else if (key.equals("tags")) {
            guest.tags = value;
        } else if (key.equals("vmstatestorage")) {
            guest.stateStorage = value;
        } else if (value == null) {
            values.remove(key);
        } else {
            values.put(key, value);
        }
    }

    /** All that is in the file but its lock and its snapshots. */
    synchronized Map<String, String> all() {
        Map<String, String> all = new TreeMap<>(values);
        if (!incomplete) {
            String volume = guest.diskStorage + ":" + guest.vmid + (guest.template ? "/base-" : "/vm-") + guest.vmid;
            all.putIfAbsent(diskKey(), volume + "-disk-0." + (guest.container ? "raw" : "qcow2") + ",size=8G");
        }
        put(all, nameKey(), guest.name);
        put(all, "tags", guest.tags);
        put(all, "vmstatestorage", guest.stateStorage);
        put(all, "agent", guest.container ? null : guest.agent().option());
        put(all, "template", guest.template ? "1" : null);
        put(all, "parent", guest.snapshots.current());
        return all;
    }

    private static void put(Map<String, String> all, String key, String value) {
        if (value != null) {
            all.put(key, value);
        }
    }

    /** What a snapshot keeps of it (PVE::AbstractConfig, {@code __snapshot_copy_config}): not the description. */
    synchronized Map<String, String> forSnapshot() {
        Map<String, String> copy = all();
        copy.keySet().removeAll(Set.of("description", "parent", "template"));
        return copy;
    }

    /** Becomes that again, but for its description (PVE::AbstractConfig, {@code __snapshot_apply_config}). */
    synchronized void restore(Map<String, String> snapshot) {
        for (String key : all().keySet()) {
            if (!Set.of("description", "parent", "template").contains(key)) {
                set(key, null);
            }
        }
        snapshot.forEach(this::set);
    }

    /** The volumes of its disks by their keys. */
    synchronized Map<String, String> disks() {
        Map<String, String> disks = all();
        disks.entrySet().removeIf(each -> !isDisk(each.getKey()) || isCdrom(each.getValue()));
        disks.replaceAll((key, value) -> value.replaceFirst(",.*", ""));
        return disks;
    }

    /** The bridges of its network interfaces. */
    synchronized Set<String> bridges() {
        Set<String> bridges = new TreeSet<>();
        values.forEach((key, value) -> {
            Matcher bridge = Pattern.compile("\\bbridge=([^,]+)").matcher(value);
            if (key.matches("net\\d+") && bridge.find()) {
                bridges.add(bridge.group(1));
            }
        });
        return bridges;
    }

    /** As {@code GET …/config} shows it. */
    ObjectNode json() {
        return json(all());
    }

    /** That in the form in which {@code GET …/config} shows it. */
    ObjectNode json(Map<String, String> all) {
        ObjectNode json = json(all, guest.container);
        json.put("digest", digest());
        if (guest.lock != null) {
            json.put("lock", guest.lock);
        }
        return json;
    }

    static ObjectNode json(Map<String, String> values, boolean container) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        values.forEach((key, value) -> {
            if (NUMBERS.contains(key) || container && key.equals("memory")) {
                json.put(key, Long.parseLong(value));
            } else {
                json.put(key, shown(key, value, container));
            }
        });
        return json;
    }

    private static String shown(String key, String value, boolean container) {
        if (key.equals("cipassword")) {
            return "**********";
        }
        return container && key.equals("description") ? value + "\n" : value;
    }

    /** The digest of the file, which changes with everything in it. */
    String digest() {
        String content = all() + "|" + guest.lock + "|" + guest.snapshots.all();
        try {
            byte[] sha = MessageDigest.getInstance("SHA-1").digest(content.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    int cpus() {
        return Integer.parseInt(value("cores", "1")) * Integer.parseInt(value("sockets", "1"));
    }

    long memoryBytes() {
        return Long.parseLong(value("memory", "512").replaceFirst("^current=", "")) << 20;
    }

    private synchronized String value(String key, String otherwise) {
        Optional<String> before = effective.get(key);
        String now = before == null ? values.get(key) : before.orElse(null);
        return now == null ? otherwise : now;
    }

    /** The size of its first disk, 0 without any. */
    synchronized long diskBytes() {
        // of most guests nothing else is known, and lists ask often
        return incomplete || values.containsKey(diskKey()) ? diskBytes(diskKey()) : 8L << 30;
    }

    long diskBytes(String key) {
        String disk = get(key);
        Matcher size = SIZE.matcher(disk == null ? "" : disk);
        return size.find() ? bytes(size.group(1)) : 0;
    }

    /** The bytes of a size such as {@code 64M}. */
    static long bytes(String size) {
        int unit = "KMGT".indexOf(size.charAt(size.length() - 1)) + 1;
        String number = unit == 0 ? size : size.substring(0, size.length() - 1);
        return new BigDecimal(number)
                .multiply(BigDecimal.valueOf(1L << 10 * unit))
                .longValue();
    }

    /** PVE::QemuServer::Drive, {@code format_size}: the largest unit without a rest. */
    static String size(long bytes) {
        int unit = 0;
        long number = bytes;
        while (unit < 4 && number > 0 && number % 1024 == 0) {
            number /= 1024;
            unit++;
        }
        return number + (unit == 0 ? "" : String.valueOf("KMGT".charAt(unit - 1)));
    }

    /** A disk has that size. */
    synchronized void resize(String key, long bytes) {
        set(key, get(key).replaceFirst("size=[^,]+", "size=" + size(bytes)));
    }

    /** Its disks become those of a template. */
    synchronized void becomeBase() {
        values.replaceAll((key, value) -> isDisk(key) && !isCdrom(value) ? value.replace("/vm-", "/base-") : value);
    }
}
