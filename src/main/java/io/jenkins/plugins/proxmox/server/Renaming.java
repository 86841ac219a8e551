package io.jenkins.plugins.proxmox.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * That a server bears another name since a moment. Builds that were running by then go on with it; later ones have to use
 * the new name. No record, since it is kept with the configuration.
 */
final class Renaming {

    /** Longer than builds run. */
    private static final Duration REMEMBERED = Duration.ofDays(60);

    private final String from;
    private final String to;
    private final long atMillis;

    private Renaming(String from, String to, long atMillis) {
        this.from = from;
        this.to = to;
        this.atMillis = atMillis;
    }

    /**
     * The renamings that are still of use, after those of a change of the configuration: a server has another name when it
     * is gone, and its addresses belong to exactly one that is new.
     */
    static List<Renaming> after(List<Renaming> earlier, List<ProxmoxServer> before, List<ProxmoxServer> now) {
        long millis = System.currentTimeMillis();
        List<Renaming> known = new ArrayList<>(earlier);
        known.removeIf(each -> millis - each.atMillis > REMEMBERED.toMillis());
        Set<String> oldNames = before.stream().map(ProxmoxServer::getName).collect(Collectors.toSet());
        for (ProxmoxServer old : before) {
            List<ProxmoxServer> same = now.stream()
                    .filter(server -> server.getAddresses().equals(old.getAddresses()))
                    .toList();
            List<ProxmoxServer> added = same.stream()
                    .filter(server -> !oldNames.contains(server.getName()))
                    .toList();
            boolean isGone = same.stream().noneMatch(server -> server.getName().equals(old.getName()));
            if (isGone && added.size() == 1) {
                known.add(new Renaming(old.getName(), added.get(0).getName(), millis));
            }
        }
        return known;
    }

    /** What the server is called now that was called {@code name} when a build began. */
    static String nameNow(List<Renaming> renamings, String name, long buildBegunMillis) {
        String now = name;
        for (Renaming each : renamings) {
            if (each.from.equals(now) && each.atMillis >= buildBegunMillis) {
                now = each.to;
            }
        }
        return now;
    }
}
