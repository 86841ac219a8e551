package io.jenkins.plugins.proxmox.pve.fault;

import static io.jenkins.plugins.proxmox.pve.fault.FaultKind.event;
import static io.jenkins.plugins.proxmox.pve.fault.FaultKind.onTheWire;

import io.jenkins.plugins.proxmox.pve.fault.FaultKind.Ending;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What happens to the server, the cluster or the guest while an operation runs. */
public final class ServerFaults {

    static final String DELETED = "the guest is deleted";

    private static final int OF_A_FEW_SECONDS = 1500;

    private ServerFaults() {}

    public static List<FaultKind> all() {
        return List.of(
                event("pveproxy restarts", Ending.SUCCESS, target -> {
                    target.proxmox().stopListening();
                    later(target.proxmox()::listenAgain);
                }),
                event("connections are closed before the TLS handshake", Ending.SUCCESS, target -> {
                    target.proxmox().denyClients();
                    later(target.proxmox()::admitClients);
                }),
                event("the certificate is another one", Ending.SUCCESS_OR_ERROR, target -> {
                    target.proxmox().stopListening();
                    target.proxmox().listenAgain(FaultTrial.FOREIGN_CERTIFICATE);
                }),
                event(
                        "every answer closes its connection",
                        Ending.SUCCESS,
                        target -> target.proxmox().closesAfterEachAnswer()),
                onTheWire(
                        "a redirect to itself",
                        Ending.SUCCESS_OR_ERROR,
                        (answer, out) -> out.write(redirect("https://localhost:8006/api2/json/version"))),
                onTheWire(
                        "a redirect to another host",
                        Ending.SUCCESS_OR_ERROR,
                        (answer, out) -> out.write(redirect("https://attacker.example.org/"))),
                event(
                        "the clock is an hour ahead",
                        Ending.SUCCESS,
                        target -> target.proxmox().clockAhead(Duration.ofHours(1))),
                event("the clock is an hour behind", Ending.SUCCESS, target -> {
                    target.proxmox().clockAhead(Duration.ofHours(-1));
                    target.cluster().clockBehind(Duration.ofHours(1));
                }),
                event("the quorum is lost for a moment", Ending.SUCCESS_OR_ERROR, target -> {
                    target.cluster().quorum(false);
                    later(() -> target.cluster().quorum(true));
                }),
                event("the node is down for a moment", Ending.SUCCESS_OR_ERROR, target -> {
                    target.cluster().node("pve1", false);
                    later(() -> target.cluster().node("pve1", true));
                }),
                event(
                        "the node is down",
                        Ending.SUCCESS_OR_ERROR,
                        target -> target.cluster().node("pve1", false)),
                event(
                        "the node is silent",
                        Ending.SUCCESS_OR_ERROR,
                        target -> target.cluster().silence("pve1")),
                event(
                        "the token is withdrawn",
                        Ending.SUCCESS_OR_ERROR,
                        target -> target.proxmox().access().deleteToken(FaultTrial.TOKEN)),
                event(
                        "the account of the user expires",
                        Ending.SUCCESS_OR_ERROR,
                        target -> target.proxmox().access().expire("jenkins@pve")),
                event(
                        "the rights are withdrawn",
                        Ending.SUCCESS_OR_ERROR,
                        target -> target.proxmox().access().revoke("/vms", "jenkins@pve")),
                event(
                                "the key of tickets is rotated",
                                Ending.SUCCESS,
                                target -> target.proxmox().access().endAllTickets())
                        .forTickets(),
                event(
                        DELETED,
                        Ending.SUCCESS_OR_ERROR,
                        target -> target.cluster().remove(target.vmid())),
                withGuest("the guest is migrated", guest -> guest.migrateTo("pve2")),
                withGuest("the guest is locked", guest -> guest.locked("backup")),
                withGuest("the configuration of the guest is busy for a moment", guest -> {
                    guest.busy(true);
                    later(() -> guest.busy(false));
                }),
                withGuest("the guest is started by somebody", SimulatedGuest::running),
                withGuest("the guest is stopped by somebody", SimulatedGuest::stopped),
                withGuest("the guest becomes a template", SimulatedGuest::template),
                event(
                        "the list of tasks is rotated",
                        Ending.SUCCESS,
                        target -> target.cluster().unlistAll()),
                event(
                        "the task is cancelled by somebody",
                        Ending.SUCCESS_OR_ERROR,
                        target -> target.cluster().cancelTasks(target.vmid())),
                event(
                        "the storage is full",
                        Ending.SUCCESS_OR_ERROR,
                        target -> target.cluster().storage("local").full()),
                event("the task fails", Ending.SUCCESS_OR_ERROR, ServerFaults::failTasks),
                new FaultKind(
                        "the task fails, with a log of 100 MB",
                        Ending.SUCCESS_OR_ERROR,
                        false,
                        false,
                        (target, when, carriedOut) -> {
                            failTasks(target);
                            for (int i = 0; i < 20; i++) {
                                target.proxmox()
                                        .inject(
                                                request -> request.path().endsWith("/log"),
                                                new Fault.OnTheWire(true, WireFaults::hundredMegabytes));
                            }
                        }));
    }

    private static FaultKind withGuest(String name, Consumer<SimulatedGuest> event) {
        return event(name, Ending.SUCCESS_OR_ERROR, target -> {
            SimulatedGuest guest = target.cluster().guest(target.vmid());
            if (guest != null) {
                event.accept(guest);
            }
        });
    }

    private static void failTasks(FaultTarget target) {
        SimulatedGuest guest = target.cluster().guest(target.vmid());
        if (guest != null) {
            guest.failsToStart("no space left on device");
            for (String type : List.of("stop", "snapshot", "rollback", "clone", "destroy")) {
                guest.failsAt("qm" + type, "no space left on device");
                guest.failsAt("vz" + type, "no space left on device");
            }
        }
    }

    private static byte[] redirect(String location) {
        return ("HTTP/1.1 302 Found\r\nServer: pve-api-daemon/3.0\r\nContent-Length: 0\r\nLocation: " + location
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static void later(Runnable end) {
        CompletableFuture.delayedExecutor(OF_A_FEW_SECONDS, TimeUnit.MILLISECONDS)
                .execute(end);
    }
}
