package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityProgress;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Explains why a guest does not become available: how far it came, and what usually is the reason. */
final class AvailabilityTexts {

    private final OperationRequest request;

    AvailabilityTexts(OperationRequest request) {
        this.request = request;
    }

    /** It will never answer, because it has no agent. */
    String withoutAgent(OperationState state) {
        return MessageBundle.sentences(
                Texts.of(
                        "available.without-agent",
                        request.availability(),
                        state.guest(),
                        state.availability().refusal()),
                enableAgent(state));
    }

    /** It was paused or halted meanwhile, or runs again. */
    String halted(OperationState state) {
        String qmpStatus = state.availability().halted();
        if (qmpStatus == null) {
            return Texts.of("available.runs-again", state.guest());
        }
        String halt = RunState.halt(qmpStatus);
        return halt == null
                ? Texts.of("available.paused", state.guest())
                : Texts.of("available.halted", state.guest(), halt);
    }

    /** It stopped meanwhile. */
    String stopped(OperationState state) {
        return Texts.of(
                "available.stopped",
                request.availability(),
                state.guest(),
                state.guest().inDetail(),
                state.guest().location().node());
    }

    /**
     * The timeout.
     *
     * @param agentOption of its configuration; null when unknown or not worth knowing
     */
    String timeout(OperationState state, @CheckForNull String agentOption) {
        AvailabilityProgress progress = state.availability();
        return MessageBundle.sentences(
                head(state),
                progress.refusal() == null ? "" : Texts.of("timeout.refusal", SafeText.sentence(progress.refusal())),
                addresses(state),
                advice(state, agentOption));
    }

    private String head(OperationState state) {
        long seconds = request.timeout().toSeconds();
        String status = state.guest().inDetail();
        long since = Duration.between(state.phaseBegun(), Instant.now()).toSeconds();
        AvailabilityProgress progress = state.availability();
        if (progress.portTrouble() != null) {
            return Texts.of(
                    "timeout.port",
                    seconds,
                    state.guest(),
                    status,
                    since,
                    request.availability().port(),
                    progress.network().ip(),
                    progress.portTrouble());
        }
        boolean vm = request.availability().asksAgent(state.guest().location().type());
        return vm && !progress.agentAnswered()
                ? Texts.of("timeout.agent", seconds, state.guest(), status, since, request.availability())
                : Texts.of(
                        vm ? "timeout.ip" : "timeout.ip-of-container",
                        seconds,
                        state.guest(),
                        status,
                        since,
                        request.availability());
    }

    private String addresses(OperationState state) {
        AvailabilityProgress progress = state.availability();
        boolean asked = request.availability().needsAddress()
                && !progress.network().interfaces().isEmpty();
        return asked ? Texts.of("timeout.addresses", progress.network().inWords()) : "";
    }

    private String advice(OperationState state, @CheckForNull String agentOption) {
        AvailabilityProgress progress = state.availability();
        if (!state.guest().status().equals("running")) {
            return Texts.of("timeout.not-running");
        }
        if (progress.portTrouble() != null) {
            return Texts.of("timeout.port-closed");
        }
        boolean vm = state.guest().location().type() == GuestType.QEMU;
        if (!vm || progress.agentAnswered()) {
            return request.availability().kind() == Availability.Kind.AGENT ? "" : Texts.of("timeout.no-address");
        }
        boolean isOff = agentOption != null && !new GuestConfig(Map.of("agent", agentOption)).hasAgent();
        return isOff
                ? MessageBundle.sentences(Texts.of("timeout.agent-off"), enableAgent(state))
                : MessageBundle.sentences(Texts.of("timeout.agent-silent"), enableAgent(state));
    }

    private static String enableAgent(OperationState state) {
        return Texts.of("agent.enable", state.guest().location().vmid());
    }
}
