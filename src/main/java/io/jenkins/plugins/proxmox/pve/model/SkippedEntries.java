package io.jenkins.plugins.proxmox.pve.model;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The entries of a server's list that were left out because they cannot be used.
 *
 * @param entries each with the reason, such as {@code qemu/50 (50 is not a VMID: …)}
 */
public record SkippedEntries(List<String> entries) {

    /** More than these would clutter the log. */
    private static final int MOST_IN_WORDS = 5;

    public SkippedEntries {
        entries = List.copyOf(entries);
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** One sentence about the entries, or an empty text when nothing was left out. */
    @NonNull
    public String inWords() {
        if (isEmpty()) {
            return "";
        }
        String shown = entries.stream().limit(MOST_IN_WORDS).collect(Collectors.joining(", "));
        int more = entries.size() - MOST_IN_WORDS;
        return more > 0 ? Texts.of("left-out.more", shown, more) : Texts.of("left-out", shown);
    }
}
