package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.operation.Deadline;
import io.jenkins.plugins.proxmox.pve.operation.ReloadingConnection;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A question of a build to a server, which changes nothing. Asks in the background, for a limited time: three times the
 * response timeout of the server. Errors that may pass are tolerated for some seconds.
 */
public final class GuestQuery<T> {

    /** What to ask. */
    @FunctionalInterface
    public interface Question<T> {
        T ask(ProxmoxClient client, Consumer<String> log) throws ProxmoxException, GuestException;
    }

    private final Run<?, ?> build;
    private final TaskListener listener;

    @CheckForNull
    private final String server;

    @CheckForNull
    private final String credentialsId;

    private final Question<T> question;
    private final List<RequiredPrivilege> needs;
    private final String inWords;
    private final RetryPolicy retryPolicy;
    private final CompletableFuture<T> end = new CompletableFuture<>();

    /**
     * Idle until {@link #begin} is called.
     *
     * @param server null for the default
     * @param credentialsId null for those of the server
     * @param needs the privileges that it needs, as far as known
     * @param inWords what it asks for, such as {@code asking for the status of guest 100}
     */
    public GuestQuery(
            Run<?, ?> build,
            TaskListener listener,
            @CheckForNull String server,
            @CheckForNull String credentialsId,
            Question<T> question,
            List<RequiredPrivilege> needs,
            String inWords) {
        this.build = build;
        this.listener = listener;
        this.server = server;
        this.credentialsId = credentialsId;
        this.question = question;
        this.needs = List.copyOf(needs);
        this.inWords = inWords;
        this.retryPolicy = RetryPolicy.brief(BuildConsole.of(listener));
    }

    /**
     * Asks. Returns at once.
     *
     * @return the answer, or the failure as a build shows it. Cancel it, or complete it with a failure, to end the query.
     */
    @NonNull
    public CompletableFuture<T> begin() {
        ControllerThreads.workers().now(this::connect);
        return end;
    }

    private void connect() {
        try {
            Duration longest = ProxmoxServers.timeToAsk(build, server);
            Deadline.set(longest, ControllerThreads.workers(), end, () -> timeout(longest));
            new ReloadingConnection(new BuildConnection(build, server, credentialsId), BuildConsole.of(listener))
                    .read(ControllerThreads.workers(), false, longest)
                    .whenComplete((connection, failure) -> {
                        if (failure == null) {
                            connection.workers().now(() -> ask(connection));
                        } else {
                            end.completeExceptionally(BuildConsole.failure(failure));
                        }
                    });
        } catch (IOException | RuntimeException | LinkageError e) {
            end.completeExceptionally(BuildConsole.failure(e));
        }
    }

    private void timeout(Duration longest) {
        ProxmoxException trouble = retryPolicy.trouble();
        end.completeExceptionally(new AbortException(MessageBundle.sentences(
                Messages.GuestQuery_timeout(longest.toSeconds(), inWords),
                trouble == null ? Messages.GuestQuery_silent() : trouble.getMessage())));
    }

    private void ask(ServerConnection connection) {
        if (end.isDone()) {
            return;
        }
        try {
            end.complete(question.ask(connection.client(), BuildConsole.of(listener)));
        } catch (ProxmoxException e) {
            try {
                retryPolicy.bear(e, () -> inWords);
                connection.workers().after(retryPolicy.pause(), () -> ask(connection));
            } catch (ProxmoxException last) {
                failed(last, connection.client());
            }
        } catch (GuestException | RuntimeException | LinkageError e) {
            failed(e, connection.client());
        }
    }

    private void failed(Throwable e, ProxmoxClient client) {
        if (!end.isDone()) {
            end.completeExceptionally(BuildConsole.failure(e, client, needs, listener));
        }
    }
}
