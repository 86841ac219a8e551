package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.diagnosis.Cause;
import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.HostShell;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever follows the explanation of a 403 to the letter has given what the operation needs, and nothing else. */
@ParameterizedClass
@EnumSource(Generation.class)
class AdviceOnRightsTest {

    private static final String USER = "ci@pve";
    private static final String TOKEN = "ci@pve!jenkins";
    private static final String ONLY_AUDIT = "audit-only-x";
    private static final String ONLY_POWER = "power-only-x";
    private static final String BOTH = "VM.Audit,VM.PowerMgmt";

    /** What was given before, to whom; each has no right, or not enough, on the guest. */
    private enum Situation {
        NO_ACL_AT_ALL,
        ACL_ON_ANOTHER_GUEST {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms/999", USER, "PVEVMUser");
                access.grant("/vms/999", TOKEN, "PVEVMUser");
            }
        },
        ONLY_VM_AUDIT {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms/" + vmid, USER, ONLY_AUDIT);
                access.grant("/vms/" + vmid, TOKEN, ONLY_AUDIT);
            }
        },
        ONLY_VM_POWER_MGMT {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms/" + vmid, USER, ONLY_POWER);
                access.grant("/vms/" + vmid, TOKEN, ONLY_POWER);
            }
        },
        USER_LACKS_WHAT_THE_TOKEN_HAS {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms/" + vmid, TOKEN, "PVEVMAdmin");
                access.grant("/vms/" + vmid, USER, ONLY_AUDIT);
            }
        },
        USER_HAS_NOTHING_OF_WHAT_THE_TOKEN_HAS {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms", TOKEN, "PVEVMAdmin");
            }
        },
        TOKEN_LACKS_WHAT_THE_USER_HAS {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms", USER, "PVEVMAdmin");
            }
        },
        TOKEN_MAY_SEE_WHAT_ITS_USER_HAS {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms", USER, "PVEVMAdmin");
                access.grant("/access", USER, "PVEAuditor");
                access.grant("/access", TOKEN, "PVEAuditor");
            }
        },
        TOKEN_MAY_SEE_WHAT_ITS_USER_LACKS {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms", TOKEN, "PVEVMAdmin");
                access.grant("/access", USER, "PVEAuditor");
                access.grant("/access", TOKEN, "PVEAuditor");
            }
        },
        ON_ALL_GUESTS_WITHOUT_PROPAGATION {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms", USER, "PVEVMUser", false);
                access.grant("/vms", TOKEN, "PVEVMUser", false);
            }
        },
        ON_ALL_GUESTS_WITHOUT_PROPAGATION_FOR_THE_USER {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms", USER, "PVEVMUser", false);
                access.grant("/vms", TOKEN, "PVEVMUser");
            }
        },
        ONLY_VM_AUDIT_THROUGH_A_POOL {
            @Override
            void give(AccessControl access, int vmid) {
                access.pool("ci", vmid);
                access.grant("/pool/ci", USER, ONLY_AUDIT);
                access.grant("/pool/ci", TOKEN, ONLY_AUDIT);
            }
        },
        THROUGH_A_POOL_FOR_THE_TOKEN_ALONE {
            @Override
            void give(AccessControl access, int vmid) {
                access.pool("ci", vmid);
                access.grant("/pool/ci", TOKEN, "PVEVMUser");
            }
        },
        NO_ACCESS_TO_THIS_ONE {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms", USER, "PVEVMAdmin");
                access.grant("/vms", TOKEN, "PVEVMAdmin");
                access.grant("/vms/" + vmid, TOKEN, "NoAccess");
            }
        },
        LESS_ON_THIS_ONE_THAN_ON_THE_OTHERS {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/vms", USER, "PVEVMAdmin");
                access.grant("/vms", TOKEN, "PVEVMAdmin");
                access.grant("/vms/" + vmid, TOKEN, ONLY_AUDIT);
            }
        },
        A_ROLE_OF_ITS_NAME_IS_THERE {
            @Override
            void give(AccessControl access, int vmid) {
                access.role("JenkinsPower", "VM.Audit,VM.PowerMgmt,VM.Console");
                access.role("JenkinsAudit", "VM.Console");
            }
        },
        THE_ROLE_IS_THERE {
            @Override
            void give(AccessControl access, int vmid) {
                access.role("JenkinsPower", BOTH);
                access.role("JenkinsAudit", "VM.Audit");
            }
        },
        TOKEN_WITHOUT_PRIVILEGE_SEPARATION {
            @Override
            Authentication identity(AccessControl access) {
                return ExampleCluster.token(TOKEN, access.token(TOKEN, false));
            }
        },
        USER_WITH_A_PASSWORD {
            @Override
            Authentication identity(AccessControl access) {
                access.password(USER, "a password");
                return new TicketLogin(USER, "a password");
            }
        },
        USER_WITH_A_PASSWORD_AND_ONLY_VM_AUDIT_EVERYWHERE {
            @Override
            void give(AccessControl access, int vmid) {
                access.grant("/", USER, "PVEAuditor");
            }

            @Override
            Authentication identity(AccessControl access) {
                return USER_WITH_A_PASSWORD.identity(access);
            }
        };

        void give(AccessControl access, int vmid) {
            // nothing
        }

        Authentication identity(AccessControl access) {
            return ExampleCluster.token(TOKEN, access.token(TOKEN, true));
        }
    }

    /** An action on a guest of its own, which is in a state that it suits. */
    private record Attempt(PowerAction action, GuestType type, int vmid) {

        private static final Duration LIMIT = Duration.ofSeconds(30);

        OperationRun begin(ServerConnection connection) {
            return new OperationRun(
                    OperationRequest.of(new GuestSelector(vmid, null, null), new PowerOperation(action))
                            .within(LIMIT),
                    OperationState.begin(),
                    connection.workers(),
                    () -> connection,
                    line -> {},
                    OperationRun.Progress.UNSAVED);
        }
    }

    @AutoClose
    private final SimulatedProxmox proxmox;

    @AutoClose("shutdownNow")
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);

    AdviceOnRightsTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        proxmox.access().user(USER);
        proxmox.access().role(ONLY_AUDIT, "VM.Audit");
        proxmox.access().role(ONLY_POWER, "VM.PowerMgmt");
        proxmox.cluster().timing(Duration.ofMillis(20), Duration.ofMillis(20), Duration.ofMillis(20));
    }

    private ProxmoxClient client(Authentication identity) {
        return new ProxmoxClient(ExampleCluster.settings(proxmox, identity));
    }

    private List<Attempt> attempts() {
        List<Attempt> attempts = new ArrayList<>();
        for (PowerAction action : PowerAction.values()) {
            for (GuestType type : GuestType.values()) {
                int vmid = 300 + attempts.size();
                if (action.isKnownTo(type)) {
                    SimulatedGuest guest = type == GuestType.LXC
                            ? proxmox.cluster().container(vmid, "pve1", "ct")
                            : proxmox.cluster().vm(vmid, "pve1", "vm");
                    prepare(guest, action, type);
                    attempts.add(new Attempt(action, type, vmid));
                }
            }
        }
        return attempts;
    }

    private static void prepare(SimulatedGuest guest, PowerAction action, GuestType type) {
        if (action == PowerAction.RESUME && type == GuestType.QEMU) {
            guest.paused();
        } else if (action != PowerAction.START && action != PowerAction.RESUME) {
            guest.running();
        }
    }

    private Diagnosis refused(OperationRun run, CompletableFuture<OperationState> end, ProxmoxClient client)
            throws Exception {
        ExecutionException failure =
                assertThrows(ExecutionException.class, () -> end.get(60, TimeUnit.SECONDS), "it was not refused");
        if (!(failure.getCause() instanceof PermissionDeniedException refusal)) {
            throw failure;
        }
        return new FailureExplainer(client).explain(refusal, run.needs());
    }

    private static List<String> commands(Diagnosis diagnosis) {
        return diagnosis.causes().stream()
                .map(Cause::commands)
                .flatMap(List::stream)
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Situation.class)
    void letsEveryActionPassAtTheSecondAttempt(Situation situation) throws Exception {
        List<Attempt> attempts = attempts();
        Authentication identity = situation.identity(proxmox.access());
        attempts.forEach(attempt -> situation.give(proxmox.access(), attempt.vmid()));
        try (ProxmoxClient client = client(identity)) {
            ServerConnection connection =
                    ServerConnection.of(client, new WorkerThreads(threads, threads, threads), new NodeRateLimit());
            Map<Attempt, List<String>> advice = new LinkedHashMap<>();
            for (Attempt attempt : attempts) {
                OperationRun run = attempt.begin(connection);
                Diagnosis diagnosis = refused(run, run.begin(), client);
                assertThat(attempt + ": " + diagnosis, commands(diagnosis), is(not(empty())));
                advice.put(attempt, commands(diagnosis));
            }
            advice.forEach((attempt, commands) -> follow(commands, attempt.vmid(), "VM.Audit VM.PowerMgmt"));
            Map<Attempt, CompletableFuture<OperationState>> ends = new LinkedHashMap<>();
            attempts.forEach(
                    attempt -> ends.put(attempt, attempt.begin(connection).begin()));
            for (Attempt attempt : attempts) {
                OperationState end = ends.get(attempt).get(60, TimeUnit.SECONDS);
                assertThat(attempt + " after " + advice.get(attempt), end.changed(), is(true));
            }
        }
    }

    /** Runs the commands as they are printed, after a look at what they give to whom. */
    private void follow(List<String> commands, int vmid, String privileges) {
        for (String command : commands) {
            if (command.startsWith("pveum role add")) {
                assertThat(command.replaceAll("^pveum role add \\S+ --privs ", ""), is(quoted(privileges)));
            } else if (command.startsWith("pveum acl modify")) {
                assertThat(command, startsWith("pveum acl modify /vms/" + vmid + " --"));
                assertThat(command, command.replaceAll("^.* --roles ", "").matches("Jenkins(Power|Audit)2?"), is(true));
            }
        }
        new HostShell(proxmox.access()).paste(commands);
    }

    private static String quoted(String privileges) {
        return privileges.contains(" ") ? "'" + privileges + "'" : privileges;
    }

    @ParameterizedTest
    @EnumSource(
            value = Situation.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {
                "ONLY_VM_AUDIT",
                "ONLY_VM_AUDIT_THROUGH_A_POOL",
                "USER_LACKS_WHAT_THE_TOKEN_HAS",
                "LESS_ON_THIS_ONE_THAN_ON_THE_OTHERS",
                "USER_WITH_A_PASSWORD_AND_ONLY_VM_AUDIT_EVERYWHERE"
            })
    void letsTheCheckOfPermissionsPassAtTheSecondAttempt(Situation situation) throws Exception {
        proxmox.cluster().vm(300, "pve1", "web-1");
        proxmox.cluster().container(301, "pve1", "web-2");
        Authentication identity = situation.identity(proxmox.access());
        try (ProxmoxClient client = client(identity)) {
            for (GuestLocation guest : List.of(
                    new GuestLocation("pve1", GuestType.QEMU, 300), new GuestLocation("pve1", GuestType.LXC, 301))) {
                situation.give(proxmox.access(), guest.vmid());
                PermissionDeniedException refusal =
                        assertThrows(PermissionDeniedException.class, () -> client.status(guest));
                Diagnosis diagnosis =
                        new FailureExplainer(client).explain(refusal, List.of(GuestRight.SEE.on(guest.vmid())));
                follow(commands(diagnosis), guest.vmid(), "VM.Audit");
                assertThat(client.status(guest).name(), startsWith("web-"));
            }
        }
    }

    /** What was given on /vms without propagation is not on /vms/300; the finding shows how it comes down. */
    @ParameterizedTest
    @EnumSource(
            value = Situation.class,
            names = {"ON_ALL_GUESTS_WITHOUT_PROPAGATION", "ON_ALL_GUESTS_WITHOUT_PROPAGATION_FOR_THE_USER"})
    void letsWhatDoesNotPropagateComeDown(Situation situation) throws Exception {
        proxmox.cluster().vm(300, "pve1", "web-1");
        Authentication identity = situation.identity(proxmox.access());
        situation.give(proxmox.access(), 300);
        try (ProxmoxClient client = client(identity)) {
            ServerConnection connection =
                    ServerConnection.of(client, new WorkerThreads(threads, threads, threads), new NodeRateLimit());
            Attempt attempt = new Attempt(PowerAction.START, GuestType.QEMU, 300);
            OperationRun run = attempt.begin(connection);
            Diagnosis diagnosis = refused(run, run.begin(), client);
            assertThat(diagnosis.causes().get(0).id(), is("right-not-propagated"));
            assertThat(
                    diagnosis.causes().get(0).sentence(),
                    is(TOKEN
                            + " has VM.Audit and VM.PowerMgmt on /vms, but not on /vms/300: what was given on /vms does"
                            + " not propagate to the paths below."));
            List<String> offered = diagnosis.findings().stream()
                    .flatMap(finding -> finding.commands().stream())
                    .toList();
            assertThat(offered, everyItem(startsWith("pveum acl modify /vms --")));
            new HostShell(proxmox.access()).paste(offered);
            assertThat(
                    attempt.begin(connection).begin().get(60, TimeUnit.SECONDS).changed(), is(true));
        }
    }
}
