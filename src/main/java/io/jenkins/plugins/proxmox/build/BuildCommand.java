package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.exec.ExecRequest;
import io.jenkins.plugins.proxmox.pve.exec.ExecResult;
import io.jenkins.plugins.proxmox.pve.exec.ExecRun;
import io.jenkins.plugins.proxmox.pve.exec.ExecState;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import io.jenkins.plugins.proxmox.server.ServerUser;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A command in a guest for a build. Like a {@link BuildOperation}, it uses the server and the credentials that the build
 * may use, explains its failure in the build's log, appears in the build's {@link GuestTimeline}, and follows changes of
 * the configuration. The output of the command goes to the build's log.
 */
public final class BuildCommand {

    /** In the shells of Linux and BSD, an exit code is that much more than the signal that ended the command. */
    private static final int SIGNALS = 128;

    private static final int NOT_FOUND = 127;

    private static final Map<Integer, String> SIGNAL_NAMES = Map.of(
            1, "SIGHUP", 2, "SIGINT", 3, "SIGQUIT", 6, "SIGABRT", 9, "SIGKILL", 11, "SIGSEGV", 13, "SIGPIPE", 15,
            "SIGTERM");

    private final Run<?, ?> build;
    private final TaskListener listener;

    @CheckForNull
    private final String server;

    private final ExecRequest request;
    private final boolean returnsStatus;
    private final ExecRun.Progress progress;
    private final ExecRun command;

    /**
     * Idle until {@link #begin} is called.
     *
     * @param server null for the default
     * @param credentialsId null for those of the server
     * @param begun the server on which it has begun, to be saved with the state
     * @param returnsStatus whether an exit code other than zero is a result instead of a failure
     * @param from where it begins, or continues after a restart
     * @param progress notified of each state
     */
    public BuildCommand(
            Run<?, ?> build,
            TaskListener listener,
            @CheckForNull String server,
            @CheckForNull String credentialsId,
            KnownServer begun,
            ExecRequest request,
            boolean returnsStatus,
            ExecState from,
            ExecRun.Progress progress) {
        this.build = build;
        this.listener = listener;
        this.server = server;
        this.request = request;
        this.returnsStatus = returnsStatus;
        this.progress = progress;
        this.command = new ExecRun(
                request,
                from,
                ControllerThreads.workers(),
                new BuildConnection(ServerUser.of(build), server, credentialsId, begun),
                BuildConsole.of(listener),
                this::print,
                new Kept());
    }

    /**
     * Begins or continues, in the threads of the controller.
     *
     * @return the result or the failure as a build shows it; cancelled when it was aborted
     */
    @NonNull
    public CompletableFuture<ExecResult> begin() {
        CompletableFuture<ExecResult> end = new CompletableFuture<>();
        command.begin().whenComplete((result, failure) -> {
            if (failure != null) {
                end.completeExceptionally(failed(failure));
                return;
            }
            AbortException wrong = result.exitCode() == 0 || returnsStatus ? null : wrongExit(result);
            GuestTimeline.keep(
                    build,
                    wrong == null
                            ? TimelineEntry.ran(serverName(), request, command.state(), result.exitCode())
                            : TimelineEntry.failed(serverName(), request, command.state(), wrong));
            BuildRecordWriter.writeSoon(build);
            if (wrong == null) {
                end.complete(result);
            } else {
                end.completeExceptionally(wrong);
            }
        });
        return end;
    }

    private AbortException wrongExit(ExecResult result) {
        int code = result.exitCode();
        String signal = command.state().windows() ? null : SIGNAL_NAMES.get(code - SIGNALS);
        if (signal != null) {
            return new AbortException(Messages.BuildCommand_signal(result.guest(), code, code - SIGNALS, signal));
        }
        return new AbortException(
                code == NOT_FOUND
                        ? Messages.BuildCommand_notFound(result.guest(), code)
                        : Messages.BuildCommand_exitCode(result.guest(), code));
    }

    private Throwable failed(Throwable failure) {
        ServerConnection last = command.connection();
        Throwable explained =
                BuildConsole.failure(failure, last == null ? null : last.client(), command.needs(), listener);
        GuestTimeline.keep(build, TimelineEntry.failed(serverName(), request, command.state(), explained));
        BuildRecordWriter.writeSoon(build);
        return explained;
    }

    /** Prints lines of output. They are in the log's file when this returns, before the progress can be saved. */
    private void print(List<String> lines) {
        PrintStream console = listener.getLogger();
        lines.forEach(console::println);
        console.flush();
    }

    private String serverName() {
        return ProxmoxServers.nameOf(build.getParent(), server);
    }

    @NonNull
    public ExecState state() {
        return command.state();
    }

    /**
     * Ends the command in the guest and then the wait, which is cancelled at the latest after half a minute.
     *
     * @return false if it had already ended
     */
    public boolean abort() {
        return command.abort();
    }

    /** Ends the wait at once, whatever the command in the guest does. */
    public void giveUp() {
        command.giveUp();
    }

    /** Adds the command to the timeline before its request is sent. */
    private final class Kept implements ExecRun.Progress {

        @Override
        public void reached(ExecState state) {
            progress.reached(state);
        }

        @Override
        public CompletionStage<?> save(ExecState state) {
            CompletionStage<?> saved = progress.save(state);
            if (state.phase() != ExecState.Phase.START) {
                return saved;
            }
            GuestTimeline.keep(build, TimelineEntry.underWay(serverName(), request, state));
            return saved.thenCombine(BuildRecordWriter.write(build), (done, written) -> done);
        }
    }
}
