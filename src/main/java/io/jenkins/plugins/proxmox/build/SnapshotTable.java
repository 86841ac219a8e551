package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotCollection;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The snapshots of a guest as steps return and print them. */
public final class SnapshotTable {

    private static final Comparator<Snapshot> OLDEST_FIRST = Comparator.comparing(
                    Snapshot::taken, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(Snapshot::name);

    private SnapshotTable() {}

    /**
     * A query for the snapshots of a guest, oldest first. Each is a map with {@code name}, {@code description}, {@code
     * parent} (null for none), {@code taken} (seconds since 1970), {@code memory} (whether it contains the memory of a
     * running machine), {@code current} (whether the guest's current state was made from it) and {@code unfinished}
     * (whether it is still being made or deleted).
     */
    @NonNull
    public static GuestQuery<List<Map<String, Object>>> query(
            Run<?, ?> build,
            TaskListener listener,
            @CheckForNull String server,
            @CheckForNull String credentialsId,
            GuestSelector guest) {
        Integer vmid = guest.vmid();
        List<RequiredPrivilege> needs = vmid == null ? List.of() : List.of(GuestRight.SEE.on(vmid));
        return new GuestQuery<>(
                build,
                listener,
                server,
                credentialsId,
                (client, log) -> table(client, guest, log),
                needs,
                Messages.SnapshotTable_asks(guest));
    }

    private static List<Map<String, Object>> table(ProxmoxClient client, GuestSelector selector, Consumer<String> log)
            throws ProxmoxException, GuestException {
        ListedGuest guest = new GuestFinder(client).find(selector);
        Listing<Snapshot> listed = client.snapshots().list(guest.location());
        SnapshotCollection present = new SnapshotCollection(listed);
        List<Snapshot> snapshots =
                present.snapshots().stream().sorted(OLDEST_FIRST).toList();
        String parent = present.parentOfCurrentState();
        log.accept(
                snapshots.isEmpty()
                        ? Messages.SnapshotTable_none(guest)
                        : Messages.SnapshotTable_some(
                                guest,
                                snapshots.size(),
                                snapshots.stream().map(SnapshotTable::inWords).collect(Collectors.joining(", "))));
        if (!listed.leftOut().isEmpty()) {
            log.accept(listed.leftOut().inWords());
        }
        return new ArrayList<>(snapshots.stream().map(each -> row(each, parent)).toList());
    }

    private static String inWords(Snapshot snapshot) {
        if (snapshot.unfinished()) {
            return Messages.SnapshotTable_unfinished(snapshot.name());
        }
        return snapshot.withMemory() ? Messages.SnapshotTable_withMemory(snapshot.name()) : snapshot.name();
    }

    private static Map<String, Object> row(Snapshot snapshot, @CheckForNull String parentOfCurrentState) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", snapshot.name());
        row.put("description", snapshot.description());
        row.put("parent", snapshot.parent());
        row.put("taken", snapshot.taken() == null ? null : snapshot.taken().getEpochSecond());
        row.put("memory", snapshot.withMemory());
        row.put("current", snapshot.name().equals(parentOfCurrentState));
        row.put("unfinished", snapshot.unfinished());
        return row;
    }
}
