package io.jenkins.plugins.proxmox.pve.model;

import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The identifier of a task, {@code UPID:node:pid:pstart:starttime:type:id:user:}.
 *
 * @param text as Proxmox VE wrote it
 * @param node where the task runs
 * @param startTime by the node's clock
 * @param type such as {@code qmstart}, {@code vzstop}, {@code hastart}
 * @param id usually the VMID; may be empty
 * @param user {@code user@realm} or {@code user@realm!token} that started it
 */
public record Upid(String text, String node, Instant startTime, String type, String id, String user)
        implements Serializable {

    // PVE::UPID::decode; characters that no part may contain, and those that no log can show
    private static final String PART = "[^:\\s/\\p{Cc}\\p{Cf}\\p{Cs}\\p{Z}]";

    private static final Pattern SHAPE = Pattern.compile("UPID:([a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)"
            + ":[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,}:([0-9A-Fa-f]{8}):(" + PART + "+):(" + PART + "*):(" + PART + "+):");

    /**
     * @throws IllegalArgumentException when the text is not a UPID
     */
    public static Upid parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(noUpid(text));
        }
        return new Upid(
                text,
                matcher.group(1),
                Instant.ofEpochSecond(Long.parseLong(matcher.group(2), 16)),
                matcher.group(3),
                matcher.group(4),
                matcher.group(5));
    }

    /** The message that {@code text} is not a UPID. */
    static String noUpid(String text) {
        return Texts.of("upid", SafeText.singleLine(text));
    }

    public static boolean isUpid(String text) {
        return SHAPE.matcher(text).matches();
    }

    /** The user who started it, directly or with a token. */
    public String userId() {
        int token = user.lastIndexOf('!');
        return token > user.lastIndexOf('@') ? user.substring(0, token) : user;
    }

    /** Whether the task only files a request with the HA manager, which acts later. */
    public boolean isHaRequest() {
        return type.equals("hastart") || type.equals("hastop");
    }

    @Override
    public String toString() {
        return text;
    }
}
