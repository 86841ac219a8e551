package io.jenkins.plugins.proxmox.pve.call;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A path of the API as a script writes it, such as {@code /nodes/pve1/qemu/100/config}. It means the same to the rules
 * that allow calls and to Proxmox VE, which decodes a path before it splits it: so nothing in it is encoded, and no
 * segment leads elsewhere.
 */
public record CallPath(List<String> segments) implements Serializable {

    private static final int LONGEST = 1000;

    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*", Pattern.DOTALL);

    /** Users, tokens, UPIDs, volumes and all other names of Proxmox VE need no other characters. */
    private static final String SPECIAL_CHARACTERS = "-._~!@:=+,";

    public CallPath {
        segments = List.copyOf(segments);
    }

    /**
     * @throws IllegalArgumentException when it is not a plain path of the API
     */
    @NonNull
    public static CallPath parse(@CheckForNull String text) {
        String path = text == null ? "" : text;
        if (path.isBlank()) {
            throw new IllegalArgumentException(Texts.of("call.path.missing"));
        }
        if (ADDRESS.matcher(path).matches()) {
            throw refusal(path, Texts.of("call.path.address"));
        }
        if (!path.startsWith("/")) {
            throw refusal(path, Texts.of("call.path.no-slash"));
        }
        if (path.length() > LONGEST) {
            throw refusal(path, Texts.of("call.path.long", LONGEST));
        }
        List<String> segments = segmentsOf(path);
        segments.forEach(segment -> requirePlain(segment, path));
        if (segments.get(0).equalsIgnoreCase("api2")) {
            throw refusal(path, Texts.of("call.path.prefix"));
        }
        return new CallPath(segments);
    }

    static List<String> segmentsOf(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /**
     * @throws IllegalArgumentException when the segment is empty, consists of dots, or contains a character that no
     *     name in Proxmox VE contains
     */
    static void requirePlain(String segment, String path) {
        if (segment.isEmpty()) {
            throw refusal(path, Texts.of("call.path.empty-segment"));
        }
        segment.codePoints().filter(c -> !isAllowed(c)).findFirst().ifPresent(c -> {
            throw refusal(path, why(c));
        });
        if (segment.chars().allMatch(c -> c == '.')) {
            throw refusal(path, Texts.of("call.path.dots"));
        }
    }

    private static boolean isAllowed(int c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || SPECIAL_CHARACTERS.indexOf(c) >= 0;
    }

    private static String why(int character) {
        return switch (character) {
            case '%' -> Texts.of("call.path.encoded");
            case '?', '#', '&' -> Texts.of("call.path.query", Character.toString(character));
            case '*' -> Texts.of("call.path.wildcard");
            default -> Texts.of("call.path.character", String.format("U+%04X", character));
        };
    }

    private static IllegalArgumentException refusal(String path, String why) {
        return new IllegalArgumentException(Texts.of("call.path", SafeText.singleLine(path), why));
    }

    /** The node that the path names, or null. */
    @CheckForNull
    public String node() {
        return segments.size() > 1 && segments.get(0).equals("nodes") ? segments.get(1) : null;
    }

    @NonNull
    ApiPath toApiPath() {
        return ApiPath.of(segments.toArray());
    }

    @Override
    public String toString() {
        return "/" + String.join("/", segments);
    }
}
