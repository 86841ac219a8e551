package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.ArrayList;
import java.util.List;

/**
 * What to do about a lock that an interrupted task left behind, for example on a node that lost power. Proxmox VE never
 * releases it by itself, and only the list of tasks distinguishes it from a lock whose task is running.
 */
final class StaleLock {

    private StaleLock() {}

    /** Lines for a log: what to check, the caution for this lock, and the commands, one per line. */
    static List<String> advice(ObservedGuest guest, String lock) {
        GuestLocation location = guest.location();
        boolean container = location.type() == GuestType.LXC;
        String tool = container ? "pct" : "qm";
        String release = container && lock.equals("mounted") ? "unmount" : "unlock";
        String number = String.valueOf(location.vmid());
        List<String> lines = new ArrayList<>();
        lines.add(MessageBundle.sentences(
                Texts.of("lock.left-behind", guest, lock, location.node()), caution(lock, tool, number)));
        Texts.of("lock.commands", location.node(), tool, release, number)
                .lines()
                .forEach(command -> lines.add("  " + command));
        return lines;
    }

    private static String caution(String lock, String tool, String number) {
        return switch (lock) {
            case "backup" -> Texts.of("lock.caution.backup");
            case "create", "clone", "import", "destroyed" -> Texts.of("lock.caution.half-made", tool, number);
            case "snapshot", "snapshot-delete" -> Texts.of("lock.caution.snapshot", tool, number);
            case "rollback" -> Texts.of("lock.caution.rollback");
            case "migrate" -> Texts.of("lock.caution.migrate");
            default -> "";
        };
    }
}
