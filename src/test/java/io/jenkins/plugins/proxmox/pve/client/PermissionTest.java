package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Generation.class)
class PermissionTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);
    private static final GuestLocation VM_101 = new GuestLocation("pve1", GuestType.QEMU, 101);

    private final Generation generation;

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster cluster;

    PermissionTest(Generation generation) {
        this.generation = generation;
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
    }

    private ProxmoxClient as(String tokenId, String secret) {
        return new ProxmoxClient(cluster.settings(ExampleCluster.token(tokenId, secret)));
    }

    @Test
    void namesThePrivilegeAndThePathOfA403() throws Exception {
        try (ProxmoxClient limited = as("jenkins@pve!limited", cluster.limitedSecret())) {
            var denied = assertThrows(
                    PermissionDeniedException.class, () -> limited.power(VM_100, PowerAction.START, Map.of()));
            assertThat(denied.identity(), is("jenkins@pve!limited"));
            assertThat(denied.aclPath(), is("/vms/100"));
            assertThat(denied.privileges(), contains("VM.PowerMgmt"));
            assertThat(denied.isAnyOfThemEnough(), is(false));
            assertThat(denied.failure().status(), is(403));
            assertThat(denied.failure().reason(), is("Permission check failed (/vms/100, VM.PowerMgmt)"));
            assertThat(
                    "8.3 says it in the reason phrase only",
                    denied.failure().message(),
                    is(generation == Generation.V8 ? null : denied.failure().reason()));
            assertThat(
                    denied.getMessage(),
                    containsString("Grant a role with VM.PowerMgmt on /vms/100 to the token, and to its user"));
            assertThat(denied.mayHaveBeenExecuted(), is(false));
        }
    }

    @Test
    void tellsWhatATokenWithSeparatedPrivilegesMay() throws Exception {
        try (ProxmoxClient operator = as("jenkins@pve!operator", cluster.operatorSecret())) {
            assertThat(operator.status(VM_100).state(), is("stopped"));
            var denied = assertThrows(PermissionDeniedException.class, () -> operator.status(VM_101));
            assertThat(denied.aclPath(), is("/vms/101"));
            assertThat(denied.privileges(), contains("VM.Audit"));
        }
    }

    @Test
    void tellsWhatAnAuditorMayNot() throws Exception {
        try (ProxmoxClient auditor = as("auditor@pve!ci", cluster.auditorSecret())) {
            assertThat(auditor.status(VM_101).state(), is("running"));
            var denied = assertThrows(
                    PermissionDeniedException.class, () -> auditor.power(VM_101, PowerAction.STOP, Map.of()));
            assertThat(denied.privileges(), contains("VM.PowerMgmt"));
        }
    }

    @Test
    void asksForTheRightsOfTheUserWhenAUserAsked() throws Exception {
        proxmox.access().revoke("/vms", "jenkins@pve");
        try (ProxmoxClient user =
                new ProxmoxClient(cluster.settings(new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD)))) {
            var denied = assertThrows(PermissionDeniedException.class, () -> user.status(VM_100));
            assertThat(denied.getMessage(), containsString("Grant a role with VM.Audit on /vms/100 to the user."));
        }
    }

    @Test
    void anotherTokenOfTheUserMayNotSeeATask() throws Exception {
        proxmox.access().grant("/vms", "jenkins@pve!operator", "PVEVMAdmin");
        try (ProxmoxClient operator = as("jenkins@pve!operator", cluster.operatorSecret());
                ProxmoxClient ci = new ProxmoxClient(cluster.settings())) {
            Upid task = operator.power(VM_100, PowerAction.START, Map.of());
            var denied = assertThrows(PermissionDeniedException.class, () -> ci.taskStatus(task));
            assertThat(denied.aclPath(), is("/nodes/pve1"));
            assertThat(denied.privileges(), contains("Sys.Audit"));
        }
    }

    private PermissionDeniedException denied(String text) throws Exception {
        boolean inBody = generation == Generation.V9;
        String body = inBody ? "{\"data\":null,\"message\":\"" + text + "\\n\"}" : "{\"data\":null}";
        proxmox.inject(request -> true, new Fault.Answer(403, text, "application/json;charset=UTF-8", body));
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings())) {
            return assertThrows(PermissionDeniedException.class, client::version);
        }
    }

    @Test
    void readsAlternatives() throws Exception {
        var denied = denied("Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)");
        assertThat(denied.aclPath(), is("/storage/local"));
        assertThat(denied.privileges(), contains("Datastore.Audit", "Datastore.AllocateSpace"));
        assertThat(denied.isAnyOfThemEnough(), is(true));
        assertThat(
                denied.getMessage(),
                containsString("a role with Datastore.Audit or Datastore.AllocateSpace on /storage/local"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Permission check failed",
                "Permission check failed (user != root@pam)",
                "Permission check failed (URI '/access/ticket' not available with API token, need proper ticket."
            })
    void keepsWhatHasNoDetail(String text) throws Exception {
        var denied = denied(text);
        assertThat(denied.aclPath(), is(nullValue()));
        assertThat(denied.privileges(), is(empty()));
        assertThat(denied.isAnyOfThemEnough(), is(false));
        assertThat(denied.getMessage(), containsString(text));
    }
}
