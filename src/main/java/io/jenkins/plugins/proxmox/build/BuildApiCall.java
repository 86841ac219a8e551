package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.call.ApiCall;
import io.jenkins.plugins.proxmox.pve.call.ApiCallRun;
import io.jenkins.plugins.proxmox.pve.call.ApiCallState;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import io.jenkins.plugins.proxmox.server.ServerUser;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A call of the API for a build: one that the settings of the server allow, with the credentials that the build may
 * use. Its failure is explained in the build's log; a write appears in the build's {@link GuestTimeline}.
 */
public final class BuildApiCall {

    private final Run<?, ?> build;
    private final TaskListener listener;
    private final String server;
    private final ApiCall call;
    private final ApiCallRun.Progress progress;
    private final ApiCallRun run;

    /**
     * Idle until {@link #begin} is called.
     *
     * @param credentialsId null for those of the server
     * @param begun the server on which it has begun, to be saved with the state
     * @param from where it begins, or continues after a restart
     * @param progress notified of each state
     */
    public BuildApiCall(
            Run<?, ?> build,
            TaskListener listener,
            String server,
            @CheckForNull String credentialsId,
            KnownServer begun,
            ApiCall call,
            ApiCallState from,
            ApiCallRun.Progress progress) {
        this.build = build;
        this.listener = listener;
        this.server = server;
        this.call = call;
        this.progress = progress;
        this.run = new ApiCallRun(
                call,
                from,
                ControllerThreads.workers(),
                new BuildConnection(ServerUser.of(build), server, credentialsId, begun),
                () -> ProxmoxServers.requireAllowed(build, server, call),
                BuildConsole.of(listener),
                this::reached);
    }

    /**
     * Begins or continues, in the threads of the controller.
     *
     * @return the final state, or the failure as a build shows it
     */
    @NonNull
    public CompletableFuture<ApiCallState> begin() {
        CompletableFuture<ApiCallState> end = new CompletableFuture<>();
        run.begin().whenComplete((state, failure) -> {
            if (failure == null) {
                keepEnd(null);
                end.complete(state);
                return;
            }
            ServerConnection last = run.connection();
            Throwable explained =
                    BuildConsole.failure(failure, last == null ? null : last.client(), List.of(), listener);
            keepEnd(explained);
            end.completeExceptionally(explained);
        });
        return end;
    }

    private CompletionStage<?> reached(ApiCallState reached) {
        CompletableFuture<Void> kept = CompletableFuture.completedFuture(null);
        if (reached.phase() == ApiCallState.Phase.SENT) {
            GuestTimeline.keep(build, TimelineEntry.underWay(server, call, reached));
            kept = BuildRecordWriter.write(build);
        } else if (reached.phase() == ApiCallState.Phase.AWAIT_TASK) {
            GuestTimeline.keep(build, TimelineEntry.underWay(server, call, reached));
            BuildRecordWriter.writeSoon(build);
        }
        return progress.reached(reached).thenCombine(kept, (saved, written) -> saved);
    }

    private void keepEnd(@CheckForNull Throwable failure) {
        if (call.isWrite()) {
            GuestTimeline.keep(build, TimelineEntry.of(server, call, run.state(), failure));
            BuildRecordWriter.writeSoon(build);
        }
    }

    @NonNull
    public ApiCallState state() {
        return run.state();
    }

    /**
     * Ends the wait at once. The task in Proxmox VE continues unless the call says otherwise.
     *
     * @return false if the call had already ended
     */
    public boolean abort() {
        return run.abort();
    }
}
