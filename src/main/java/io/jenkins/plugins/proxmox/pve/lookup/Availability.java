package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What has to be there of a guest before it counts as started.
 *
 * @param port 0 unless it is {@link Kind#PORT}
 */
public record Availability(Kind kind, int port) implements Serializable {

    public enum Kind {
        /** The guest runs, as Proxmox VE sees it. */
        RUNNING,
        /** Its QEMU guest agent answers. */
        AGENT,
        /** It has an address under which others can reach it. */
        IP,
        /** A TCP connection to a port of that address succeeds. */
        PORT
    }

    public static final Availability RUNNING = new Availability(Kind.RUNNING, 0);

    private static final Pattern PORT = Pattern.compile("port:\\s*(\\d{1,5})");

    private static final int LARGEST_PORT = 65_535;

    /**
     * Reads {@code running}, {@code agent}, {@code ip} or {@code port:22}.
     *
     * @throws IllegalArgumentException when it is none of these
     */
    @NonNull
    public static Availability parse(String text) {
        String given = text.strip();
        for (Kind kind : new Kind[] {Kind.RUNNING, Kind.AGENT, Kind.IP}) {
            if (given.equals(optionName(kind))) {
                return new Availability(kind, 0);
            }
        }
        Matcher port = PORT.matcher(given);
        int number = port.matches() ? Integer.parseInt(port.group(1)) : 0;
        if (number < 1 || number > LARGEST_PORT) {
            throw new IllegalArgumentException(Texts.of("availability.unknown", SafeText.singleLine(text)));
        }
        return new Availability(Kind.PORT, number);
    }

    private static String optionName(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** Whether it takes more than what Proxmox VE itself shows of a guest. */
    public boolean isOfTheGuestItself() {
        return kind != Kind.RUNNING;
    }

    /** Whether it takes an address. */
    public boolean needsAddress() {
        return kind == Kind.IP || kind == Kind.PORT;
    }

    /** Whether guests of that type have it. */
    public boolean isKnownTo(GuestType type) {
        return kind != Kind.AGENT || type == GuestType.QEMU;
    }

    /** Whether the QEMU guest agent has to be asked for it. */
    public boolean asksAgent(GuestType type) {
        return isOfTheGuestItself() && type == GuestType.QEMU;
    }

    /** As it is written in a Jenkinsfile. */
    @Override
    public String toString() {
        return kind == Kind.PORT ? "port:" + port : optionName(kind);
    }
}
