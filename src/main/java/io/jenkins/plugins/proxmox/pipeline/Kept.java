package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.SuppressFBWarnings;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A value out of a script, which is saved with the build if it can be saved; otherwise it is there until the controller
 * is restarted. A build that came upon a value that it cannot save would fail.
 */
final class Kept implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final Logger LOGGER = Logger.getLogger(Kept.class.getName());

    /** Null also for a value that cannot be saved. */
    @CheckForNull
    private final Serializable saved;

    /** Null for a value that is saved. */
    @CheckForNull
    @SuppressFBWarnings(
            value = "SE_TRANSIENT_FIELD_NOT_RESTORED",
            justification = "is lost with the process, which isLost tells")
    private final transient Object unsaved;

    private final boolean savedAll;

    private Kept(@CheckForNull Object value) {
        savedAll = canBeSaved(value);
        saved = savedAll ? (Serializable) value : null;
        unsaved = savedAll ? null : value;
    }

    @NonNull
    static Kept of(@CheckForNull Object value) {
        return new Kept(value);
    }

    /** The value; null also when it is lost. */
    @CheckForNull
    Object value() {
        return savedAll ? saved : unsaved;
    }

    /** Whether it could not be saved, and the controller was restarted since. */
    boolean isLost() {
        return !savedAll && unsaved == null;
    }

    /**
     * Whether the value with all that is in it can be saved. That it is {@link Serializable} does not tell: a list is,
     * whatever its elements are. So it is tried.
     */
    static boolean canBeSaved(@CheckForNull Object value) {
        try (ObjectOutputStream nowhere = new ObjectOutputStream(OutputStream.nullOutputStream())) {
            nowhere.writeObject(value);
            return true;
        } catch (IOException | RuntimeException e) {
            LOGGER.log(Level.FINE, "This does not survive a restart", e);
            return false;
        }
    }
}
