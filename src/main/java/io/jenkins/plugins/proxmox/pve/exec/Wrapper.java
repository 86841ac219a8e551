package io.jenkins.plugins.proxmox.pve.exec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The scripts that run a command in a guest and keep its output and exit code in files of a directory of its own. The
 * directory begins with a marker that only one start can create.
 */
interface Wrapper {

    /** Standard output and standard error, or only the latter when the former is returned. */
    String LOG = "log";

    String STDOUT = "stdout";

    /**
     * Characters of one request. With the scripts, the form of a request stays below 64 KiB, which is the limit before
     * version 9 (PVE::APIServer::AnyEvent, limit_max_post).
     */
    int PIECE = 40_000;

    /** The wrapper for the guest's system. */
    static Wrapper of(boolean windows) {
        return windows ? new PowerShellWrapper() : new PosixWrapper();
    }

    /** The command and its input, as text for {@link #start} or, if it is longer than a piece, {@link #store}. */
    String payload(GuestCommand command);

    /** Stores a piece of the payload; answers {@code stored}. Does no harm when repeated. */
    GuestCall store(String id, int number, String piece);

    /**
     * Begins the command, unless that was done or prevented before.
     *
     * @param pieces how many were stored
     * @param payload null if pieces were stored
     * @param apart whether standard output gets a file of its own
     */
    GuestCall start(String id, int pieces, String payload, boolean apart);

    /** Answers with a {@link GuestReport}. */
    GuestCall read(String id, long offset, int most, String file);

    /** Ends the command with all its processes, or prevents its beginning; answers {@code ended} or {@code prevented}. */
    GuestCall end(String id);

    /**
     * Removes the files.
     *
     * @param keepMarker whether a start may still arrive, which must find the marker
     */
    GuestCall remove(String id, boolean keepMarker);

    /** The payload in pieces; empty when it fits into the request that begins the command. */
    static List<String> pieces(String payload) {
        List<String> pieces = new ArrayList<>();
        if (payload.length() > PIECE) {
            for (int from = 0; from < payload.length(); from += PIECE) {
                pieces.add(payload.substring(from, Math.min(payload.length(), from + PIECE)));
            }
        }
        return pieces;
    }

    /** The text as ASCII that a form need not encode any further. */
    static String encoded(String text) {
        return Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A script of this package. */
    static String script(String name) {
        try (InputStream script = Wrapper.class.getResourceAsStream(name)) {
            return new String(script.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
