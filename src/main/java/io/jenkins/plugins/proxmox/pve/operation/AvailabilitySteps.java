package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.TcpConnection;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityAnswer;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityProgress;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityWait;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.task.PollInterval;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** The step after a guest runs: wait until it answers, has an address, or accepts connections. */
final class AvailabilitySteps {

    /** A port that is open answers at once; behind a firewall, none ever does. */
    private static final Duration CONNECT = Duration.ofSeconds(2);

    private static final Duration LONGEST_BETWEEN_CONNECTIONS = Duration.ofSeconds(1);

    /** How long a closed port is tried at an address before the guest is asked whether it still has that address. */
    private static final Duration ADDRESS_IS_OLD = Duration.ofSeconds(15);

    /** How long a guest may be stopped: a container that restarts itself, or one that the HA manager restarts, is. */
    private static final Duration MAY_BE_STOPPED = Duration.ofSeconds(3);

    private static final Duration WHILE_STOPPED = Duration.ofSeconds(1);

    private final ProxmoxClient client;
    private final OperationRequest request;
    private final Consumer<String> log;
    private final AvailabilityTexts texts;

    /** The question that is under way; null before the first. */
    private volatile AvailabilityWait present;

    AvailabilitySteps(ProxmoxClient client, OperationRequest request, Consumer<String> log) {
        this.client = client;
        this.request = request;
        this.log = log;
        this.texts = new AvailabilityTexts(request);
    }

    /** How long to wait before the next {@link #look}. */
    static Duration pause(OperationState state) {
        AvailabilityProgress progress = state.availability();
        if (progress.stoppedSince() != null) {
            return WHILE_STOPPED;
        }
        return progress.portTrouble() == null
                ? Duration.ZERO
                : Collections.min(List.of(PollInterval.after(state.ageOfPhase()), LONGEST_BETWEEN_CONNECTIONS));
    }

    /** The next thing to learn about the guest, after that pause. Cancel it to stop waiting. */
    CompletableFuture<AvailabilityAnswer> look(OperationState state, ServerConnection with, Duration pause) {
        CompletableFuture<AvailabilityAnswer> end = new CompletableFuture<>();
        if (pause.isZero()) {
            begin(state, with, end);
            return end;
        }
        Future<?> later = with.workers().after(pause, () -> begin(state, with, end));
        end.whenComplete((answer, failure) -> later.cancel(false));
        return end;
    }

    private void begin(OperationState state, ServerConnection with, CompletableFuture<AvailabilityAnswer> end) {
        if (end.isDone()) {
            return;
        }
        AvailabilityProgress progress = state.availability();
        CompletableFuture<AvailabilityAnswer> source;
        if (isTimeForPort(progress)) {
            source = connect(progress, with);
        } else {
            AvailabilityWait wait =
                    with.availability().watch(state.guest().location(), request.availability(), progress);
            present = wait;
            source = wait.end();
        }
        source.whenComplete((answer, failure) -> {
            if (failure == null) {
                end.complete(answer);
            } else {
                end.completeExceptionally(failure);
            }
        });
        end.whenComplete((answer, failure) -> source.cancel(false));
    }

    private boolean isTimeForPort(AvailabilityProgress progress) {
        Instant seen = progress.seenAt();
        return request.availability().kind() == Availability.Kind.PORT
                && progress.stoppedSince() == null
                && progress.network().ip() != null
                && seen != null
                && Duration.between(seen, Instant.now()).compareTo(ADDRESS_IS_OLD) < 0;
    }

    private CompletableFuture<AvailabilityAnswer> connect(AvailabilityProgress progress, ServerConnection with) {
        String ip = Objects.requireNonNull(progress.network().ip());
        var attempt = TcpConnection.attempt(
                ip, request.availability().port(), CONNECT, with.workers().timer());
        CompletableFuture<AvailabilityAnswer> answer = attempt.thenApply(trouble -> trouble.isEmpty()
                ? new AvailabilityAnswer(AvailabilityAnswer.Kind.PORT_OPEN, progress)
                : new AvailabilityAnswer(AvailabilityAnswer.Kind.PORT_CLOSED, progress.portFailed(trouble.get())));
        answer.whenComplete((known, failure) -> attempt.cancel(false));
        return answer;
    }

    /** Continues with what was learned. */
    OperationState answered(OperationState state, AvailabilityAnswer answer) throws ProxmoxException, GuestException {
        OperationState next = state.reaching(answer.progress());
        return switch (answer.kind()) {
            case REACHED -> reached(state, next);
            case PORT_OPEN -> {
                log.accept(Texts.of(
                        "available.port",
                        request.availability().port(),
                        next.guest(),
                        next.availability().network().ip(),
                        seconds(next)));
                yield next.done(next.changed());
            }
            case PORT_CLOSED -> next;
            case WITHOUT_AGENT -> throw new GuestException(texts.withoutAgent(next));
            case HALTED -> {
                log.accept(texts.halted(next));
                yield next;
            }
            case NOT_RUNNING -> notRunning(next);
        };
    }

    private OperationState reached(OperationState before, OperationState state) {
        if (!request.availability().needsAddress()) {
            log.accept(Texts.of("available.agent", state.guest(), seconds(state)));
            return state.done(state.changed());
        }
        String ip = state.availability().network().ip();
        if (!Objects.equals(ip, before.availability().network().ip())) {
            log.accept(Texts.of(
                    "available.ip",
                    state.guest(),
                    ip,
                    seconds(state),
                    state.availability().network().inWords()));
        }
        return request.availability().kind() == Availability.Kind.PORT ? state : state.done(state.changed());
    }

    private static String seconds(OperationState state) {
        return String.format(Locale.ROOT, "%.1f", state.age().toMillis() / 1000.0);
    }

    /** The node showed it as stopped, or did not show it at all: another look decides. */
    private OperationState notRunning(OperationState state) throws ProxmoxException, GuestException {
        GuestStatus now = client.status(state.guest().location());
        ObservedGuest guest = state.guest().next(now);
        OperationState next = state.seeing(guest);
        if (now.running()) {
            return next.reaching(state.availability().stopped(null));
        }
        Instant since = state.availability().stoppedSince();
        if (since == null) {
            return next.reaching(state.availability().stopped(Instant.now()));
        }
        if (Duration.between(since, Instant.now()).compareTo(MAY_BE_STOPPED) < 0) {
            return next;
        }
        throw new GuestException(texts.stopped(next));
    }

    /** The state with what the question that is under way has learned so far. */
    OperationState seen(OperationState state) {
        AvailabilityWait wait = present;
        boolean isLater = wait != null && state.availability().portTrouble() == null;
        return isLater ? state.reaching(wait.progress()) : state;
    }

    /** The timeout, with what the guest looks like now if that can be seen. */
    GuestException timeout(OperationState state, boolean mayAsk) {
        OperationState last = seen(state);
        String agentOption = null;
        OperationTimeoutException unseen = null;
        if (mayAsk) {
            try {
                last = last.seeing(last.guest().next(client.status(last.guest().location())));
                agentOption = request.availability()
                                .asksAgent(last.guest().location().type())
                        ? client.config(last.guest().location()).values().getOrDefault("agent", "0")
                        : null;
            } catch (ProxmoxException e) {
                unseen = new OperationTimeoutException(texts.timeout(last, null));
                unseen.addSuppressed(e);
            }
        }
        return unseen == null ? new OperationTimeoutException(texts.timeout(last, agentOption)) : unseen;
    }
}
