package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * The settings with which a build continues. While the current ones cannot be used, that is logged once and tolerated.
 */
public final class ReloadingConnection {

    /** The interval after which unreadable settings are read again. */
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final ServerConnection.Source source;
    private final Consumer<String> log;

    @CheckForNull
    private SettingsUnavailableException trouble;

    /**
     * @param log receives one readable line when the settings cannot be used, and one when they can again
     */
    public ReloadingConnection(ServerConnection.Source source, Consumer<String> log) {
        this.source = source;
        this.log = log;
    }

    /**
     * The current connection, or {@code soFar} while the current settings cannot be used. Returns immediately.
     *
     * @throws IOException when the build may no longer use the server
     */
    @NonNull
    public ServerConnection present(ServerConnection soFar) throws IOException {
        try {
            ServerConnection present = source.connection();
            relieve();
            return present;
        } catch (SettingsUnavailableException e) {
            bear(e, Texts.of("settings.kept", e.getMessage()));
            return soFar;
        }
    }

    /**
     * Reads the settings again, and repeats that while it fails for a reason that may pass. Returns immediately.
     *
     * @param begun whether an operation is already running, so that any problem with the settings is tolerated
     * @param longest time after which to stop trying
     * @return the connection or the failure; cancel it to end the attempts
     */
    @NonNull
    public CompletableFuture<ServerConnection> read(WorkerThreads workers, boolean begun, Duration longest) {
        CompletableFuture<ServerConnection> read = new CompletableFuture<>();
        attempt(read, workers, begun, System.nanoTime() + longest.toNanos());
        return read;
    }

    private void attempt(CompletableFuture<ServerConnection> read, WorkerThreads workers, boolean begun, long until) {
        if (read.isDone()) {
            return;
        }
        source.read().whenComplete((connection, failure) -> {
            if (failure == null) {
                relieve();
                read.complete(connection);
                return;
            }
            Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
            boolean late = System.nanoTime() + AGAIN.toNanos() - until > 0;
            if (cause instanceof SettingsUnavailableException met && (begun || met.mayPass()) && !late) {
                bear(met, Texts.of("settings.awaited", met.getMessage()));
                workers.punctually(AGAIN, () -> attempt(read, workers, begun, until));
            } else {
                read.completeExceptionally(cause);
            }
        });
    }

    private synchronized void bear(SettingsUnavailableException met, String told) {
        if (trouble == null) {
            log.accept(told);
        }
        trouble = met;
    }

    private synchronized void relieve() {
        if (trouble != null) {
            trouble = null;
            log.accept(Texts.of("settings.usable"));
        }
    }

    /** Why the settings cannot be used, in whole sentences; empty when they can. */
    @NonNull
    synchronized String trouble() {
        return trouble == null ? "" : trouble.getMessage();
    }
}
