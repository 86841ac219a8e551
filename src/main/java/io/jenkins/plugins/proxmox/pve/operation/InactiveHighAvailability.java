package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.HaStatus;
import io.jenkins.plugins.proxmox.pve.operation.OperationHistory.Advice;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Explains, once, why the HA manager does nothing about a guest. Most often HA is disarmed (Proxmox VE 9.2 and newer):
 * then it accepts requests, and carries them out only once someone arms it again. Only an identity with Sys.Audit on
 * {@code /} can see that; others see only the guest's state {@code freeze}, if at all.
 */
final class InactiveHighAvailability {

    /** The HA managers act every ten seconds, and need a few rounds. */
    private static final Duration USUAL = Duration.ofSeconds(75);

    /** A frozen guest is certainly left alone, even if only while the services of its node are restarted. */
    private static final Duration FROZEN = Duration.ofSeconds(5);

    /** PVE::HA::Manager: states in which it does something else before the request. */
    private static final Set<String> AT_WORK =
            Set.of("migrate", "relocate", "fence", "recovery", "request_start_balance");

    private final ProxmoxClient client;
    private final GuestOperation operation;
    private final Consumer<String> log;

    InactiveHighAvailability(ProxmoxClient client, GuestOperation operation, Consumer<String> log) {
        this.client = client;
        this.operation = operation;
        this.log = log;
    }

    /** The same state. If it has lasted too long, that is logged and recorded in it. */
    OperationState told(OperationState state) {
        ObservedGuest guest = state.guest();
        Duration patience = isFrozen(guest) ? FROZEN : USUAL;
        boolean isTime = isIdle(operation, guest) && state.ageOfPhase().compareTo(patience) > 0;
        if (!isTime || state.history().advice() != null) {
            return state;
        }
        String mode = modeIfDisarmed();
        if (!mode.isEmpty()) {
            log.accept(Texts.of("ha.disarmed", mode));
            log.accept("  " + Texts.of("ha.disarmed.command"));
            return state.advised(Advice.HIGH_AVAILABILITY_DISARMED);
        }
        log.accept(
                isFrozen(guest)
                        ? Texts.of("ha.frozen", guest, guest.location().node())
                        : Texts.of("ha.idle", guest, state.ageOfPhase().toSeconds()));
        log.accept("  " + Texts.of("ha.idle.command"));
        return state.advised(Advice.HIGH_AVAILABILITY_IDLE);
    }

    private String modeIfDisarmed() {
        try {
            HaStatus present = client.highAvailability();
            return present.isDisarmed() ? present.resourceMode() : "";
        } catch (ProxmoxException unknown) {
            // most identities may not ask
            return "";
        }
    }

    /** The end of a timeout message; empty when the HA manager is working on the guest. */
    static String reason(GuestOperation operation, OperationState state) {
        if (state.guest() == null || !isIdle(operation, state.guest())) {
            return "";
        }
        return state.history().advice() == Advice.HIGH_AVAILABILITY_DISARMED
                ? Texts.of("ha.timeout-disarmed", Texts.of("ha.disarmed.command"))
                : Texts.of("ha.timeout-idle", Texts.of("ha.idle.command"));
    }

    static boolean isFrozen(ObservedGuest guest) {
        return "freeze".equals(guest.haState());
    }

    /** Whether nothing shows that the HA manager has started with the request. */
    private static boolean isIdle(GuestOperation operation, ObservedGuest guest) {
        String state = String.valueOf(guest.haState());
        boolean stopped = guest.status().equals("stopped");
        if (!guest.haManaged() || AT_WORK.contains(state)) {
            return false;
        }
        boolean starts = operation.goal(guest.location().type()).equals("running");
        return starts ? stopped : !stopped && !state.equals("request_stop");
    }
}
