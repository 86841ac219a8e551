package io.jenkins.plugins.proxmox.build;

import hudson.util.EditDistance;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a misspelled one most likely stands for. */
final class SpellingSuggestion {

    private SpellingSuggestion() {}

    /** The nearest of the names; none when more than half of its letters would have to change. */
    static Optional<String> to(String written, List<String> names) {
        String nearest = null;
        int least = Integer.MAX_VALUE;
        for (String name : names) {
            int distance = EditDistance.editDistance(written.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < least && distance <= name.length() / 2) {
                nearest = name;
                least = distance;
            }
        }
        return Optional.ofNullable(nearest);
    }
}
