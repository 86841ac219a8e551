package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.call.ApiCallException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.operation.SettingsUnavailableException;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a build prints about Proxmox VE: its lines in the log, and one short message when it fails. Text from elsewhere,
 * such as a build parameter or the answer of a server, cannot begin a line of its own there, and cannot contain
 * anything that a log interprets.
 */
public final class BuildConsole {

    private static final Logger LOGGER = Logger.getLogger(BuildConsole.class.getName());

    /** At the beginning of each line. */
    public static final String PREFIX = "[Proxmox VE] ";

    private BuildConsole() {}

    /** Prints lines with a prefix that names Proxmox VE. */
    @NonNull
    public static Consumer<String> of(TaskListener listener) {
        return line -> listener.getLogger().println(SafeText.line(PREFIX + line));
    }

    /**
     * Returns the failure as a build shows it. If Proxmox VE refused a request or was not reached, this asks the server
     * a few questions and prints an explanation in the log, once. The message of the returned failure is the headline
     * with what the server said.
     *
     * @param client the client that failed; null if none was used yet
     * @param needs the rights that the whole operation needs, as far as they are known
     */
    @NonNull
    public static Throwable failure(
            Throwable e, @CheckForNull ProxmoxClient client, List<RequiredPrivilege> needs, TaskListener listener) {
        if (e instanceof ProxmoxException refusal && client != null) {
            LOGGER.log(Level.FINE, "A build failed", e);
            Diagnosis diagnosis = new FailureExplainer(client).explain(refusal, needs);
            diagnosis.toPlainText().lines().forEach(of(listener));
            return new AbortException(diagnosis.summary());
        }
        return failure(e);
    }

    /**
     * Returns the failure as a build shows it, without an explanation. Problems that people can fix get one message
     * without a stack trace, which goes to the controller's log at FINE instead. Anything else is a defect and stays as
     * it is.
     */
    @NonNull
    public static Throwable failure(Throwable e) {
        if (e instanceof ProxmoxException
                || e instanceof GuestException
                || e instanceof ApiCallException
                || e instanceof SettingsUnavailableException
                || e instanceof IllegalArgumentException
                || e instanceof AbortException) {
            LOGGER.log(Level.FINE, "A build failed", e);
            return new AbortException(SafeText.line(String.valueOf(e.getMessage())));
        }
        return defect(e);
    }

    /**
     * Returns a defect as it is, so that Jenkins prints its stack trace. If its messages, such as those of a
     * credentials store, would begin lines in the log, returns them on one line instead; the controller's log has the
     * rest.
     */
    private static Throwable defect(Throwable e) {
        String messages = Stream.iterate(e, Objects::nonNull, Throwable::getCause)
                .map(each -> each.toString().strip())
                .collect(Collectors.joining(", caused by "));
        if (SafeText.line(messages).equals(messages)) {
            return e;
        }
        LOGGER.log(Level.WARNING, "A build failed", e);
        Throwable told = new IOException(SafeText.line(messages));
        told.setStackTrace(e.getStackTrace());
        return told;
    }
}
