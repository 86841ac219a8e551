package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whole lines of output, made safe for a build's log: colours may pass, anything else that a log or a terminal
 * interprets may not. Above all, an output cannot forge an annotation of Jenkins, which begins with a concealing
 * sequence.
 *
 * @param bytes how many bytes of the output the lines are
 */
record OutputLines(List<String> lines, int bytes) {

    private static final String CONCEAL = "\u001b[8m";

    private static final String REPLACEMENT = "\ufffd";

    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;:]*m");

    // ECMA-48: control sequences, commands such as those that set a title; then single controls, and those of Unicode
    // that make a line read differently from what it says
    private static final Pattern CONTROL = Pattern.compile("\u001b\\[[0-?]*[ -/]*[@-~]"
            + "|\u001b[\\]P^_X][^\u0007\u001b]*(?:\u0007|\u001b\\\\)"
            + "|\u001b[ -/]*[0-Z\\\\`-~]"
            + "|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]");

    /**
     * Cuts lines out of a chunk of output.
     *
     * @param whole whether to take the beginning of a line too: because nothing follows, or because the chunk holds no
     *     end of a line at all
     */
    @NonNull
    static OutputLines of(byte[] chunk, boolean whole) {
        int end = chunk.length;
        while (end > 0 && chunk[end - 1] != '\n') {
            end--;
        }
        if (whole) {
            end = chunk.length;
        }
        return new OutputLines(safeLines(chunk, end), end);
    }

    /** Takes as much as possible of a line that is longer than a chunk, without breaking a character of UTF-8. */
    @NonNull
    static OutputLines ofLongLine(byte[] chunk) {
        int end = chunk.length;
        for (int back = 1; back <= 4 && back <= chunk.length; back++) {
            int b = chunk[chunk.length - back] & 0xff;
            if (b < 0x80) {
                break;
            }
            if (b >= 0xc0) {
                int length = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
                end = length > back ? chunk.length - back : end;
                break;
            }
        }
        return new OutputLines(safeLines(chunk, end), end);
    }

    private static List<String> safeLines(byte[] chunk, int end) {
        String text = new String(chunk, 0, end, StandardCharsets.UTF_8);
        // a carriage return begins a line too, so that nothing before it is hidden
        return text.lines().map(OutputLines::safe).toList();
    }

    @NonNull
    static String safe(String line) {
        return CONTROL.matcher(line).replaceAll(found -> Matcher.quoteReplacement(replacement(found.group())));
    }

    private static String replacement(String control) {
        if (control.length() == 1) {
            return control.equals("\u001b") ? REPLACEMENT : control.charAt(0) < ' ' ? " " : REPLACEMENT;
        }
        return COLOUR.matcher(control).matches() && !control.equals(CONCEAL) ? control : "";
    }
}
