package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNetwork;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestAddress;
import io.jenkins.plugins.proxmox.pve.model.GuestInterface;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import io.jenkins.plugins.proxmox.pve.sequence.SequenceState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a step returns about a guest: maps and lists of plain values, which scripts can read and Jenkins can save. */
public final class GuestResult {

    /** The status of a guest that does not exist, or no longer. */
    private static final String ABSENT = "absent";

    private GuestResult() {}

    /** The result of operations that have ended; about the guest of the last one. */
    @NonNull
    public static Map<String, Object> of(OperationSequence sequence, SequenceState done) {
        int last = done.done().size() - 1;
        OperationRequest request = sequence.next(done.done().subList(0, last));
        OperationState end = done.last();
        ObservedGuest guest = end.guest();
        boolean gone = done.guest(sequence) == null;
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("vmid", request.guest().vmidOf(guest));
        result.put("name", guest == null ? request.guest().name() : guest.name());
        result.put("node", guest == null ? null : guest.location().node());
        result.put("type", guest == null ? null : guest.location().type().apiName());
        result.put("status", gone ? ABSENT : guest.status());
        result.put("changed", done.changed());
        result.put("upid", done.task() == null ? null : done.task().text());
        putNetwork(result, end.availability().network());
        result.put(
                "durationMillis", Duration.between(done.begun(), Instant.now()).toMillis());
        return result;
    }

    /** Adds {@code ip}, the best address or null, and {@code addresses}, all of them. */
    public static void putNetwork(Map<String, Object> result, GuestNetwork network) {
        List<Map<String, Object>> addresses = new ArrayList<>();
        for (GuestInterface each : network.interfaces()) {
            for (GuestAddress address : each.addresses()) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("interface", each.name());
                entry.put("address", address.address());
                entry.put("prefix", address.prefix());
                addresses.add(entry);
            }
        }
        result.put("ip", network.ip());
        result.put("addresses", addresses);
    }
}
