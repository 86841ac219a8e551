package io.jenkins.plugins.proxmox.pve.client;

import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * The memory of a refused password, which is not tried again for a while: a directory locks an account, and fail2ban an
 * address, after a few attempts, and many builds may wait for the same server.
 *
 * @param refusedAt when the server refused it
 * @param until when it is tried again
 */
public record RememberedRefusal(Instant refusedAt, Instant until) implements Serializable {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    /** A sentence about it for messages. */
    public String inWords() {
        return Texts.of("refused.remembered", time(refusedAt), time(until));
    }

    private static String time(Instant moment) {
        return TIME.withZone(ZoneId.systemDefault()).format(moment);
    }
}
