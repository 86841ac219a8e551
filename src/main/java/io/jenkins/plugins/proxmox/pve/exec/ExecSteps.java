package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.exec.ExecState.Phase;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestProcess;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.task.PollInterval;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A command in a guest from the request to the removal of its files, one step at a time.
 *
 * <p>{@link #advance} makes at most a few exchanges and returns; {@link ExecRun} decides when the next step runs.
 * Everything that must survive is in the {@link ExecState}. The guest itself knows whether the command was begun, so a
 * request to begin it may be repeated.
 */
final class ExecSteps {

    private static final Logger LOGGER = Logger.getLogger(ExecSteps.class.getName());

    /** How long a request whose answer was lost may take to show in the guest. */
    private static final Duration APPEARING = Duration.ofMillis(1500);

    /** How long the wrapper may take from its beginning to that of the command. */
    private static final Duration STARTING = Duration.ofMinutes(1);

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);

    private final ProxmoxClient client;
    private final ExecRequest request;
    private final Consumer<String> log;
    private final CommandOutput output;
    private final ShortCalls calls;

    /** Before the command began. */
    private final RetryPolicy before;

    /** While it runs. */
    private final RetryPolicy during;

    /** After it ended. */
    private final RetryPolicy after;

    /** When output came last. */
    private long lively = System.nanoTime();

    /** Minimum wait before the next step. */
    private Duration pause = Duration.ZERO;

    /** The guest as it was found, even if its agent does not answer. */
    @CheckForNull
    private ObservedGuest seen;

    /** Which piece of a long payload is next. */
    private int piece;

    /**
     * @param log receives one readable line for each event
     * @param lines receives the lines of the output
     */
    ExecSteps(
            ProxmoxClient client,
            ExecRequest request,
            Consumer<String> log,
            Consumer<List<String>> lines,
            CommandOutput.Limits limits) {
        this.client = client;
        this.request = request;
        this.log = log;
        this.calls = new ShortCalls(client.exec());
        this.output = new CommandOutput(calls, log, lines, limits);
        this.before = RetryPolicy.brief(log);
        this.during = new RetryPolicy(log);
        this.after = RetryPolicy.brief(log);
    }

    /** How long to wait before the next {@link #advance}. */
    @NonNull
    Duration pause() {
        return pause;
    }

    /** Whether one of many queries is next, as opposed to a step that follows another one once. */
    boolean isQueryNext(ExecState state) {
        boolean repeated =
                switch (state.phase()) {
                    case RUN, DRAIN -> true;
                    case STDOUT -> output.hasStdout();
                    default -> false;
                };
        return repeated && !calls.isPending();
    }

    /** The error that is currently tolerated, in whole sentences; empty without one. */
    @NonNull
    String trouble() {
        for (RetryPolicy each : List.of(during, before)) {
            ProxmoxException trouble = each.trouble();
            if (trouble != null) {
                return trouble.getMessage();
            }
        }
        return "";
    }

    /**
     * Takes the next step from {@code state} and returns the new state. The same phase again means: not yet, call
     * later.
     *
     * @throws ProxmoxException when the server refuses, or could not be reached for some seconds before the beginning
     * @throws GuestException when the command cannot be run
     */
    @NonNull
    ExecState advance(ExecState state) throws ProxmoxException, GuestException {
        pause = Duration.ZERO;
        seen = state.guest() == null ? seen : state.guest();
        ExecState now = state.age().compareTo(request.timeout()) > 0 ? overdue(state) : state;
        RetryPolicy policy = policy(now.phase());
        try {
            ExecState next = step(now);
            policy.relieve();
            if (next.phase() != now.phase()) {
                calls.forget();
            }
            return next;
        } catch (ProxmoxException e) {
            calls.forget();
            return borne(now, e, policy);
        }
    }

    private ExecState step(ExecState state) throws ProxmoxException, GuestException {
        return switch (state.phase()) {
            case FIND -> find(state);
            case STORE -> store(state);
            case START -> start(state);
            case RUN -> run(state);
            case STOP -> stop(state);
            case DRAIN -> drain(state);
            case STDOUT -> stdout(state);
            case REMOVE -> remove(state);
            case DONE -> state;
        };
    }

    private RetryPolicy policy(Phase phase) {
        return switch (phase) {
            case FIND, STORE, START -> before;
            case RUN, STOP, DRAIN, STDOUT -> during;
            case REMOVE, DONE -> after;
        };
    }

    private ExecState overdue(ExecState state) throws GuestException {
        if (state.phase() == Phase.RUN && state.end() == null) {
            String why = timeout(state);
            log.accept(Texts.of("exec.stops-late", request.timeout().toSeconds(), state.guest()));
            return state.ended(ExecEnd.failed(why), Phase.STOP);
        }
        if (policy(state.phase()) == before) {
            throw new GuestException(timeout(state));
        }
        return state;
    }

    /** The timeout in that state. */
    @NonNull
    String timeout(ExecState state) {
        Object guest = state.guest() == null ? request.guest() : state.guest();
        boolean begun = policy(state.phase()) != before;
        long seconds = request.timeout().toSeconds();
        return MessageBundle.sentences(
                begun
                        ? Texts.of("exec.timeout", seconds, guest)
                        : Texts.of("exec.timeout-before", seconds, guest, state.waitsFor()),
                trouble());
    }

    /** Continues despite an error, or throws it with advice. */
    private ExecState borne(ExecState state, ProxmoxException e, RetryPolicy policy)
            throws ProxmoxException, GuestException {
        if (policy == after) {
            return borneAfterEnd(state, e);
        }
        if (policy == before && seen != null && isHopeless(e)) {
            throw advised((RequestRejectedException) e);
        }
        ExecState next = policy == during ? whereItMoved(state, e) : state;
        if (next != state) {
            return next;
        }
        try {
            policy.bear(e, state::waitsFor);
        } catch (RequestRejectedException last) {
            if (last.isAgentSilent() && seen != null) {
                throw advised(last);
            }
            throw last;
        }
        pause = policy.pause();
        return state;
    }

    private ExecState borneAfterEnd(ExecState state, ProxmoxException e) {
        try {
            after.bear(e, state::waitsFor);
        } catch (ProxmoxException last) {
            log.accept(Texts.of("exec.not-removed", state.guest(), state.id(), last.getMessage()));
            return state.at(Phase.DONE);
        }
        pause = after.pause();
        return state;
    }

    private static boolean isHopeless(ProxmoxException e) {
        return e instanceof RequestRejectedException rejected
                && (rejected.isAgentNotConfigured() || rejected.isGuestNotRunning() || rejected.isBlockedInGuest());
    }

    private GuestException advised(RequestRejectedException e) {
        String said = SafeText.sentence(SafeText.singleLine(e.failure().serverSaid()));
        ObservedGuest guest = Objects.requireNonNull(seen);
        int vmid = guest.location().vmid();
        if (e.isAgentNotConfigured()) {
            return new GuestException(Texts.of("exec.agent-not-configured", guest, said, vmid));
        }
        if (e.isGuestNotRunning()) {
            return new GuestException(Texts.of("exec.not-running", guest, said));
        }
        return new GuestException(
                e.isBlockedInGuest()
                        ? Texts.of("exec.blocked", guest, said)
                        : Texts.of("exec.agent-silent", guest, said));
    }

    /** A guest that migrates takes its processes along. */
    private ExecState whereItMoved(ExecState state, ProxmoxException e) throws ProxmoxException {
        boolean mayHaveMoved = e instanceof NodeUnreachableException
                || e instanceof RequestRejectedException rejected && rejected.isNoSuchGuest();
        if (!mayHaveMoved) {
            return state;
        }
        try {
            // by its VMID alone: it may have left the node that the request names, and others may have got its name
            int vmid = state.guest().location().vmid();
            ListedGuest found = new GuestFinder(client).find(new GuestSelector(vmid, null, null));
            if (found.location().equals(state.guest().location())) {
                return state;
            }
            ObservedGuest moved = ObservedGuest.of(found);
            log.accept(Texts.of("guest.moved", moved, found.location().node()));
            return state.movedTo(moved);
        } catch (GuestException | ProxmoxException unknown) {
            e.addSuppressed(unknown);
            return state;
        }
    }

    private ExecState find(ExecState state) throws ProxmoxException, GuestException {
        ListedGuest found = new GuestFinder(client).find(request.guest());
        ObservedGuest guest = ObservedGuest.of(found);
        if (found.location().type() != GuestType.QEMU) {
            throw new GuestException(Texts.of(
                    "exec.container",
                    guest,
                    found.location().vmid(),
                    found.location().node()));
        }
        if (found.template()) {
            throw new GuestException(Texts.of("exec.template", guest));
        }
        seen = guest;
        boolean windows = false;
        try {
            windows = client.agent().system(found.location()).isWindows();
        } catch (RequestRejectedException e) {
            // an agent that does not know it is one older than QEMU 2.10
            if (!e.isAgentError()) {
                throw e;
            }
        }
        String payload = Wrapper.of(windows).payload(request.command());
        return state.found(guest, windows, Wrapper.pieces(payload).isEmpty() ? Phase.START : Phase.STORE);
    }

    private ExecState store(ExecState state) throws ProxmoxException, GuestException {
        Wrapper wrapper = Wrapper.of(state.windows());
        List<String> pieces = Wrapper.pieces(wrapper.payload(request.command()));
        GuestProcess stored = calls.ask(state.guest().location(), wrapper.store(state.id(), piece, pieces.get(piece)));
        pause = calls.pause();
        if (stored == null) {
            return state;
        }
        if (!stored.stdout().contains("stored")) {
            throw new GuestException(Texts.of("exec.not-stored", state.guest(), complaint(stored)));
        }
        piece++;
        return piece < pieces.size() ? state : state.at(Phase.START);
    }

    private static String complaint(GuestProcess process) {
        return SafeText.sentence(SafeText.singleLine(process.complaint()));
    }

    /** The state was saved before. */
    private ExecState start(ExecState state) throws ProxmoxException {
        Wrapper wrapper = Wrapper.of(state.windows());
        String payload = wrapper.payload(request.command());
        int pieces = Wrapper.pieces(payload).size();
        GuestCall call = wrapper.start(state.id(), pieces, pieces == 0 ? payload : null, request.returnsStdout());
        pause = PollInterval.after(Duration.ZERO);
        try {
            long pid = client.exec().begin(state.guest().location(), call.command(), call.input());
            if (!state.unclear()) {
                log.accept(Texts.of(
                        "exec.started", state.guest(), state.guest().location().node(), request.command()));
            }
            return state.started(pid);
        } catch (RequestRejectedException e) {
            if (!e.isAgentTimeout()) {
                throw e;
            }
            return unclear(state, e);
        } catch (ProxmoxException e) {
            if (!e.mayHaveBeenExecuted()) {
                throw e;
            }
            return unclear(state, e);
        }
    }

    private ExecState unclear(ExecState state, ProxmoxException e) {
        log.accept(Texts.of("request.answer-lost", e.getMessage()));
        return state.maybeStarted();
    }

    private ExecState run(ExecState state) throws ProxmoxException, GuestException {
        GuestReport report = output.report(state);
        pause = calls.pause();
        if (report == null) {
            return state;
        }
        if (report.state() == GuestReport.State.ABSENT) {
            return absent(state);
        }
        if (report.state().isFinal()) {
            return drained(state.ended(endOf(state, report), Phase.DRAIN), report);
        }
        ExecState next = output.logged(state, report);
        if (next.offset() > state.offset() || !state.seen()) {
            lively = System.nanoTime();
        }
        if (report.state() == GuestReport.State.STARTING && state.ageOfPhase().compareTo(STARTING) > 0) {
            return next.ended(ExecEnd.failed(Texts.of("exec.stuck", state.guest())), Phase.STOP);
        }
        Duration quiet = PollInterval.after(Duration.ofNanos(System.nanoTime() - lively));
        boolean more = output.hasMore(next, report);
        pause = more ? Duration.ZERO : quiet.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : quiet;
        return next;
    }

    private static ExecEnd endOf(ExecState state, GuestReport report) {
        return switch (report.state()) {
            case RESTARTED -> ExecEnd.failed(Texts.of("exec.restarted", state.guest()));
            case GONE -> ExecEnd.failed(Texts.of("exec.gone", state.guest()));
            default ->
                report.exitCode() == null
                        ? ExecEnd.failed(Texts.of("exec.not-begun", state.guest()))
                        : ExecEnd.exited(report.exitCode());
        };
    }

    /** Nothing of the command is in the guest. */
    private ExecState absent(ExecState state) throws ProxmoxException, GuestException {
        pause = SHORTEST_PAUSE;
        if (state.seen()) {
            return state.ended(ExecEnd.failed(Texts.of("exec.files-gone", state.guest())), Phase.DONE);
        }
        if (state.pid() == null) {
            if (state.ageOfPhase().compareTo(APPEARING) < 0) {
                return state;
            }
            log.accept(Texts.of("exec.not-arrived", state.guest()));
            return state.at(Phase.START);
        }
        try {
            GuestProcess start = client.exec().process(state.guest().location(), state.pid());
            if (start.exited()) {
                throw new GuestException(Texts.of("exec.not-started", state.guest(), complaint(start)));
            }
            return state;
        } catch (RequestRejectedException e) {
            if (!e.isNoSuchProcess()) {
                throw e;
            }
            // the agent was restarted, perhaps together with the guest
            return state.withoutProcess();
        }
    }

    private ExecState stop(ExecState state) throws ProxmoxException {
        GuestProcess ended =
                calls.ask(state.guest().location(), Wrapper.of(state.windows()).end(state.id()));
        pause = calls.pause();
        if (ended == null) {
            return state;
        }
        if (ended.stdout().contains("prevented")) {
            log.accept(Texts.of("exec.prevented", state.guest()));
            return state.prevented().at(Phase.REMOVE);
        }
        log.accept(
                ended.stdout().contains("ended")
                        ? Texts.of("exec.stopped", state.guest())
                        : Texts.of("exec.not-stopped", state.guest(), complaint(ended)));
        return state.at(Phase.DRAIN);
    }

    private ExecState drain(ExecState state) throws ProxmoxException, GuestException {
        GuestReport report = output.report(state);
        pause = calls.pause();
        return report == null ? state : drained(state, report);
    }

    private ExecState drained(ExecState state, GuestReport report) {
        // a process that the command has left behind may go on writing; its output is not waited for
        ExecState known = state.drainTo() == null ? state.drainingTo(report.size()) : state;
        ExecState next = report.state() == GuestReport.State.ABSENT ? known : output.logged(known, report);
        if (next.offset() < Math.min(next.drainTo(), report.size())) {
            return next;
        }
        boolean returns = request.returnsStdout() && state.end().kind() == ExecEnd.Kind.EXITED;
        return next.at(returns ? Phase.STDOUT : Phase.REMOVE);
    }

    private ExecState stdout(ExecState state) throws ProxmoxException, GuestException {
        String whole = output.stdout(state);
        pause = calls.pause();
        return whole == null ? state : state.returning(whole);
    }

    /** The state was saved before, so that its end is known when the files are gone. */
    private ExecState remove(ExecState state) throws ProxmoxException {
        GuestProcess removed =
                calls.ask(state.guest().location(), Wrapper.of(state.windows()).remove(state.id(), state.unclear()));
        pause = calls.pause();
        if (removed == null) {
            return state;
        }
        if (!removed.stdout().contains("removed")) {
            log.accept(Texts.of("exec.not-removed", state.guest(), state.id(), complaint(removed)));
        }
        forgetStart(state);
        return state.at(Phase.DONE);
    }

    /** The agent keeps the end of each process until it was asked for it. */
    private void forgetStart(ExecState state) {
        if (state.pid() == null) {
            return;
        }
        try {
            client.exec().process(state.guest().location(), state.pid());
        } catch (ProxmoxException e) {
            LOGGER.log(Level.FINE, "The agent still keeps the end of the start", e);
        }
    }

    /** The state in which the command is ended because nobody waits for it any more; null when nothing began. */
    @CheckForNull
    ExecState aborted(ExecState state) {
        return switch (state.phase()) {
            case FIND, DONE -> null;
            case STORE, START, RUN -> {
                log.accept(Texts.of("exec.stops", state.guest()));
                yield state.ended(ExecEnd.ABORTED, Phase.STOP);
            }
            case STOP, REMOVE -> state.ended(ExecEnd.ABORTED, state.phase());
            case DRAIN, STDOUT -> state.ended(ExecEnd.ABORTED, Phase.REMOVE);
        };
    }
}
