package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.diagnosis.ServerProbe;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.operation.SettingsUnavailableException;
import io.jenkins.plugins.proxmox.pve.text.Text;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a build says about Proxmox VE: its lines in the log, and the one short message when it fails. Whatever is in it, a
 * name out of a build parameter say, or what a server answered: it begins no line of its own, and holds nothing that a
 * log interprets.
 */
public final class BuildConsole {

    private static final Logger LOGGER = Logger.getLogger(BuildConsole.class.getName());

    private BuildConsole() {}

    /** Writes lines that tell where they come from. */
    @NonNull
    public static Consumer<String> of(TaskListener listener) {
        return line -> listener.getLogger().println(Text.line("[Proxmox VE] " + line));
    }

    /**
     * The failure as a build shows it. What Proxmox VE refused, or why it was not reached, is explained in the log,
     * once, for which the server is asked a few questions; the message of the failure is the headline with what the
     * server said.
     *
     * @param client with which it failed; null if it did not come so far
     * @param needs the rights that it needs as a whole, as far as they are known
     */
    @NonNull
    public static Throwable failure(
            Throwable e, @CheckForNull ProxmoxClient client, List<RequiredPrivilege> needs, TaskListener listener) {
        if (e instanceof ProxmoxException refusal && client != null) {
            LOGGER.log(Level.FINE, "A build failed", e);
            Diagnosis diagnosis = new FailureExplainer(ServerProbe.of(client)).explain(refusal, needs);
            diagnosis.toPlainText().lines().forEach(of(listener));
            return new AbortException(diagnosis.summary());
        }
        return failure(e);
    }

    /**
     * The failure as a build shows it without an explanation: for what a person can mend one message without stack
     * trace, which goes to the controller's log at FINE instead. Anything else is a defect and stays as it is.
     */
    @NonNull
    public static Throwable failure(Throwable e) {
        if (e instanceof ProxmoxException
                || e instanceof GuestException
                || e instanceof SettingsUnavailableException
                || e instanceof IllegalArgumentException
                || e instanceof AbortException) {
            LOGGER.log(Level.FINE, "A build failed", e);
            return new AbortException(Text.line(String.valueOf(e.getMessage())));
        }
        return defect(e);
    }

    /**
     * A defect as it is, of which Jenkins prints the stack trace; unless its messages, that of a store of credentials say,
     * would begin lines there: then on one line, and the rest is in the controller's log.
     */
    private static Throwable defect(Throwable e) {
        String messages = Stream.iterate(e, Objects::nonNull, Throwable::getCause)
                .map(each -> each.toString().strip())
                .collect(Collectors.joining(", caused by "));
        if (Text.line(messages).equals(messages)) {
            return e;
        }
        LOGGER.log(Level.WARNING, "A build failed", e);
        Throwable told = new IOException(Text.line(messages));
        told.setStackTrace(e.getStackTrace());
        return told;
    }
}
