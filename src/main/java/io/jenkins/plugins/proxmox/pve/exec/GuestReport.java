package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.GuestProcess;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.Base64;
import java.util.Map;

/**
 * What a guest answers about a command.
 *
 * @param exitCode of an ended command; null when it could not begin
 * @param size of the file that was read, in bytes
 * @param chunk what was read from it
 */
record GuestReport(State state, @Nullable Integer exitCode, long size, byte[] chunk) {

    enum State {
        /** There are no files of it. */
        ABSENT,
        /** It is about to begin. */
        STARTING,
        RUNNING,
        ENDED,
        /** It no longer runs and has left no exit code. */
        GONE,
        /** The same, because the guest was restarted. */
        RESTARTED;

        /** Whether the command will not run any further. */
        boolean isFinal() {
            return this == ENDED || this == GONE || this == RESTARTED;
        }
    }

    private static final Map<String, State> STATES = Map.of(
            "starting", State.STARTING,
            "running", State.RUNNING,
            "ended", State.ENDED,
            "gone", State.GONE,
            "restarted", State.RESTARTED);

    /**
     * Reads an answer.
     *
     * @throws GuestException when it is none
     */
    @NonNull
    static GuestReport of(GuestProcess answer) throws GuestException {
        String[] lines = answer.stdout().split("\r?\n", 3);
        String[] words = lines[0].strip().split(" ");
        if (answer.isSuccessful() && words[0].equals("absent")) {
            return new GuestReport(State.ABSENT, null, 0, new byte[0]);
        }
        State state = STATES.get(words[0]);
        try {
            long size = lines.length > 1 ? Long.parseLong(lines[1].strip()) : -1;
            if (answer.isSuccessful() && state != null && size >= 0) {
                Integer code = words.length > 1 && words[1].matches("-?\\d{1,10}")
                        ? (Integer) (int) Long.parseLong(words[1])
                        : null;
                byte[] chunk =
                        lines.length < 3 ? new byte[0] : Base64.getMimeDecoder().decode(lines[2]);
                return new GuestReport(state, code, size, chunk);
            }
        } catch (IllegalArgumentException e) {
            throw unreadable(answer);
        }
        throw unreadable(answer);
    }

    private static GuestException unreadable(GuestProcess answer) {
        return new GuestException(Texts.of("exec.no-report", SafeText.singleLine(answer.complaint())));
    }
}
