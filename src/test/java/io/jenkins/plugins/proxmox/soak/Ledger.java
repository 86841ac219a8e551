package io.jenkins.plugins.proxmox.soak;

import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster.TaskView;
import io.jenkins.plugins.proxmox.soak.SoakedController.Entry;
import io.jenkins.plugins.proxmox.soak.SoakedController.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What all builds have in their timelines, beside the tasks that there were in the clusters. */
final class Ledger {

    private static final Pattern VMID = Pattern.compile("\\b(\\d{3,9})\\b");

    /** The types of tasks of an action, without the prefix of the kind of guest. */
    private static final Map<String, Set<String>> TASKS = Map.of(
            "start", Set.of("start", "resume"),
            "stop", Set.of("stop"),
            "shutdown", Set.of("shutdown", "stop"),
            "reboot", Set.of("reboot"),
            "snapshot", Set.of("snapshot"),
            "delsnapshot", Set.of("delsnapshot"),
            "rollback", Set.of("rollback"),
            "clone", Set.of("clone"),
            "delete", Set.of("destroy"));

    /** What does harm when it is done once more than somebody asked for. */
    private static final Set<String> ONCE = Set.of("reboot", "snapshot", "delsnapshot", "delete");

    /** How often an action was carried out on a guest, by what its builds say. */
    private record Count(int certain, int possible) {
        Count plus(boolean isCertain) {
            return new Count(certain + (isCertain ? 1 : 0), possible + 1);
        }
    }

    private final Map<String, Count> counts = new TreeMap<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final List<Entry> withTask = new ArrayList<>();
    private int builds;
    private int lost;

    /** Enters a build that is over. */
    void enter(Outcome outcome) {
        builds++;
        if (!outcome.known()) {
            lost++;
        }
        for (Entry entry : outcome.entries()) {
            outcomes.merge(entry.action() + " " + entry.outcome(), 1, Integer::sum);
            Matcher vmid = VMID.matcher(entry.guest());
            if (ONCE.contains(entry.action()) && vmid.find()) {
                boolean isCertain = entry.outcome().equals("CHANGED");
                boolean isPossible = !entry.outcome().equals("NOTHING_TO_DO");
                if (isPossible) {
                    counts.merge(
                            vmid.group(1) + " " + entry.action(),
                            new Count(isCertain ? 1 : 0, 1),
                            (one, other) -> one.plus(isCertain));
                }
            }
            if (entry.upid() != null) {
                withTask.add(entry);
            }
        }
    }

    int builds() {
        return builds;
    }

    int lostBuilds() {
        return lost;
    }

    /** How many operations ended how. */
    Map<String, Integer> outcomes() {
        return outcomes;
    }

    /**
     * What does not fit.
     *
     * @param vmids the guests that keep their VMIDs; others get that of one that was deleted, and Jenkins removes them when
     *     there is no build any more that could say so
     */
    List<String> compare(List<TaskView> tasks, List<Integer> vmids) {
        List<String> wrong = new ArrayList<>();
        Map<String, TaskView> byUpid = new TreeMap<>();
        tasks.forEach(task -> byUpid.put(task.upid(), task));
        for (Entry entry : withTask) {
            String complaint = complaint(entry, byUpid.get(entry.upid()));
            if (complaint != null) {
                wrong.add(complaint + ": " + entry);
            }
        }
        Map<String, Integer> done = new TreeMap<>();
        for (TaskView task : tasks) {
            if ("OK".equals(task.exitStatus())) {
                String action = task.type().replaceFirst("^(qm|vz|ha)", "");
                done.merge(task.id() + " " + (action.equals("destroy") ? "delete" : action), 1, Integer::sum);
            }
        }
        counts.forEach((what, count) -> {
            int times = done.getOrDefault(what, 0);
            boolean isKnown = vmids.contains(Integer.valueOf(what.replaceFirst(" .*", "")));
            if (isKnown && (times < count.certain || times > count.possible)) {
                wrong.add(what + " was carried out " + times + " times, but builds say " + count);
            }
        });
        return wrong;
    }

    private static String complaint(Entry entry, TaskView task) {
        if (task == null) {
            return "there was no such task";
        }
        Set<String> types = TASKS.get(entry.action().toLowerCase(Locale.ROOT));
        if (types != null && !types.contains(task.type().replaceFirst("^(qm|vz|ha)", ""))) {
            return "it is a task of another type";
        }
        boolean isGood = "OK".equals(task.exitStatus())
                || String.valueOf(task.exitStatus()).startsWith("WARNINGS");
        return entry.outcome().equals("CHANGED") && !isGood ? "its task ended as " + task.exitStatus() : null;
    }
}
