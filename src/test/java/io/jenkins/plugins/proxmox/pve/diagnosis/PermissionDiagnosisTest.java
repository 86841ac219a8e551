package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.client.GuestLocation;
import io.jenkins.plugins.proxmox.pve.client.GuestType;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.diagnosis.Finding.Result;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every cause of a 403, and the least right that helps. */
@ParameterizedClass
@EnumSource(Generation.class)
class PermissionDiagnosisTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);
    private static final GuestLocation VM_101 = new GuestLocation("pve1", GuestType.QEMU, 101);
    private static final Explained.Call START = client -> client.power(VM_100, PowerAction.START, Map.of());
    private static final Explained.Call STOP_101 = client -> client.power(VM_101, PowerAction.STOP, Map.of());

    @AutoClose
    private final Explained explained;

    PermissionDiagnosisTest(Generation generation) {
        explained = new Explained(generation);
    }

    private Explained ci(Explained.Call call) throws Exception {
        return explained.as(ExampleCluster.token("jenkins@pve!ci", explained.cluster.ciSecret()), call);
    }

    private Explained limited(Explained.Call call) throws Exception {
        return explained.as(ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret()), call);
    }

    private Explained operator(Explained.Call call) throws Exception {
        return explained.as(ExampleCluster.token("jenkins@pve!operator", explained.cluster.operatorSecret()), call);
    }

    private Explained auditor(Explained.Call call) throws Exception {
        return explained.as(ExampleCluster.token("auditor@pve!ci", explained.cluster.auditorSecret()), call);
    }

    private Explained user(Explained.Call call) throws Exception {
        return explained.as(new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD), call);
    }

    @Test
    void givesATokenWithoutAclTheLeastRole() throws Exception {
        limited(START)
                .hasHeadline("Proxmox VE at $ does not let jenkins@pve!limited do this:"
                        + " it asks for VM.PowerMgmt on /vms/100.")
                .hasCauses("token-without-acl", "user-lacks-right")
                .hasCommands(
                        "token-without-acl",
                        "pveum acl modify /vms/100 --tokens 'jenkins@pve!limited' --roles PVEVMUser")
                .hasCommands(
                        "user-lacks-right",
                        "pveum user token list jenkins@pve",
                        "pveum user permissions jenkins@pve --path /vms/100",
                        "pveum acl modify /vms/100 --users jenkins@pve --roles PVEVMUser")
                .found(Result.NOT_OK, "jenkins@pve!limited has no right on /vms/100.")
                .found(Result.NOT_OK, "jenkins@pve!limited has no right on any path.")
                .found(
                        Result.OK,
                        "The role of the server with the fewest privileges that holds what is missing is PVEVMUser.")
                .found(Result.UNKNOWN, "The server did not tell what the user jenkins@pve may do.")
                .asked(
                        "GET /access/permissions",
                        "GET /access/permissions",
                        "GET /access/roles",
                        "GET /access/permissions");
    }

    @Test
    void namesThePathsOnWhichATokenHasRights() throws Exception {
        operator(STOP_101)
                .hasCauses("rights-elsewhere", "user-lacks-right")
                .hasCommands(
                        "rights-elsewhere",
                        "pveum acl modify /vms/101 --tokens 'jenkins@pve!operator' --roles PVEVMUser");
        assertThat(
                explained.cause("rights-elsewhere").sentence(),
                is("jenkins@pve!operator has rights, but none on /vms/101; it has some on /vms/100."));
    }

    @Test
    void namesThePrivilegeThatIsMissingOnThePath() throws Exception {
        auditor(START)
                .hasCauses("user-lacks-right", "privilege-missing")
                .found(Result.NOT_OK, "The user auditor@pve lacks it as well.")
                .hasCommands(
                        "user-lacks-right",
                        "pveum user token list auditor@pve",
                        "pveum user permissions auditor@pve --path /vms/100",
                        "pveum acl modify /vms/100 --users auditor@pve --roles PVEVMUser")
                .hasCommands(
                        "privilege-missing", "pveum acl modify /vms/100 --tokens 'auditor@pve!ci' --roles PVEVMUser");
        assertThat(
                explained.cause("privilege-missing").sentence(), is("auditor@pve!ci lacks VM.PowerMgmt on /vms/100."));
    }

    /** The effective right is the intersection; that of the user cannot be seen by its token. */
    @Test
    void saysThatTheUserOfATokenMayLackTheRight() throws Exception {
        explained.proxmox.access().revoke("/vms", "jenkins@pve");
        explained.proxmox.access().grant("/vms/100", "jenkins@pve", "PVEAuditor");
        operator(START).hasCauses("privilege-missing", "user-lacks-right");
        assertThat(
                explained.cause("user-lacks-right").sentence(),
                is("The user jenkins@pve lacks VM.PowerMgmt on /vms/100. A token never may more than its user."));
    }

    @Test
    void blamesTheTokenAloneWhereItsUserHasTheRight() throws Exception {
        explained.proxmox.access().grant("/", "jenkins@pve", "Administrator");
        explained.proxmox.access().grant("/access", "jenkins@pve!limited", "PVEAuditor");
        limited(START)
                .hasHeadline("Proxmox VE at $ does not let jenkins@pve!limited do this: it asks for VM.PowerMgmt on"
                        + " /vms/100. jenkins@pve!limited has rights, but none on /vms/100; it has some on /access.")
                .hasCauses("rights-elsewhere")
                .found(Result.OK, "The user jenkins@pve has what is missing.");
    }

    @Test
    void givesAUserWithoutRightsARole() throws Exception {
        explained.proxmox.access().revoke("/vms", "jenkins@pve");
        user(START)
                .hasHeadline("Proxmox VE at $ does not let jenkins@pve do this: it asks for VM.PowerMgmt on /vms/100."
                        + " The user jenkins@pve has no right at all.")
                .hasCauses("user-without-rights")
                .hasCommands("user-without-rights", "pveum acl modify /vms/100 --users jenkins@pve --roles PVEVMUser");
    }

    @Test
    void givesAUserWithRightsElsewhereARole() throws Exception {
        explained.proxmox.access().revoke("/vms", "jenkins@pve");
        explained.proxmox.access().grant("/vms/200", "jenkins@pve", "PVEVMUser");
        user(START)
                .hasCauses("rights-elsewhere")
                .hasCommands("rights-elsewhere", "pveum acl modify /vms/100 --users jenkins@pve --roles PVEVMUser");
    }

    @Test
    void prefersASmallerRoleThatAnAdministratorMade() throws Exception {
        explained.proxmox.access().role("JenkinsPower", "VM.Audit,VM.PowerMgmt");
        limited(START)
                .hasCommands(
                        "token-without-acl",
                        "pveum acl modify /vms/100 --tokens 'jenkins@pve!limited' --roles JenkinsPower");
    }

    /** A role on a deeper path replaces what comes down from above. */
    @Test
    void choosesARoleThatKeepsWhatTheIdentityHas() throws Exception {
        explained.proxmox.access().role("PowerOnly", "VM.PowerMgmt");
        auditor(START)
                .hasCommands(
                        "privilege-missing", "pveum acl modify /vms/100 --tokens 'auditor@pve!ci' --roles PVEVMUser");
    }

    @Test
    void makesARoleWhereOnlyTheAdministratorHasThePrivilege() throws Exception {
        explained.refuse(403, "Permission check failed (/nodes/pve1, Sys.PowerMgmt)");
        limited(ProxmoxClient::version)
                .hasCommands(
                        "token-without-acl",
                        "pveum role add JenkinsSysPowerMgmt --privs Sys.PowerMgmt",
                        "pveum acl modify /nodes/pve1 --tokens 'jenkins@pve!limited' --roles JenkinsSysPowerMgmt")
                .found(Result.UNKNOWN, "No role of the server but Administrator holds what is missing.");
    }

    @Test
    void makesARoleThatKeepsWhatTheIdentityHas() throws Exception {
        explained.refuse(403, "Permission check failed (/nodes/pve1, Sys.PowerMgmt && Sys.Modify)");
        auditor(ProxmoxClient::version)
                .hasHeadline("Proxmox VE at $ does not let auditor@pve!ci do this:"
                        + " it asks for Sys.PowerMgmt and Sys.Modify on /nodes/pve1.")
                .hasCommands(
                        "privilege-missing",
                        "pveum role add JenkinsSysModify --privs 'Sys.Audit Sys.Modify Sys.PowerMgmt'",
                        "pveum acl modify /nodes/pve1 --tokens 'auditor@pve!ci' --roles JenkinsSysModify");
    }

    @Test
    void takesTheLeastRoleForOneOfSeveralPrivileges() throws Exception {
        explained.refuse(403, "Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)");
        limited(ProxmoxClient::version)
                .hasHeadline("Proxmox VE at $ does not let jenkins@pve!limited do this:"
                        + " it asks for Datastore.Audit or Datastore.AllocateSpace on /storage/local.")
                .hasCommands(
                        "token-without-acl",
                        "pveum acl modify /storage/local --tokens 'jenkins@pve!limited' --roles PVEAuditor");
    }

    @Test
    void tellsThatTheRightHasBeenGivenMeanwhile() throws Exception {
        explained.refuse(403, "Permission check failed (/vms/100, VM.PowerMgmt)");
        ci(ProxmoxClient::version)
                .hasCauses("right-present-now")
                .asked("GET /access/permissions", "GET /access/permissions");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        Permission check failed                                                          | no-path-named
        Permission check failed (no access (VM.Audit))                                   | no-path-named
        Permission check failed (pool 'ci' does not exist)                               | no-path-named
        Permission check failed (user != root@pam)                                       | root-only
        Permission check failed (mount point type bind is only allowed for root@pam)     | root-only
        Permission check failed (URI '/access/ticket' not available with API token, need | not-for-tokens
        """)
    void tellsApartWhatNamesNoPath(String reason, String cause) throws Exception {
        explained.refuse(403, reason);
        limited(ProxmoxClient::version).hasCauses(cause).asked();
        assertThat(explained.diagnosis.serverSaid().reason(), is(reason));
    }

    @Test
    void showsWhatTheIdentityMayWhereNoPathIsNamed() throws Exception {
        explained.refuse(403, "Permission check failed");
        limited(ProxmoxClient::version)
                .hasHeadline("Proxmox VE at $ does not let jenkins@pve!limited do this."
                        + " The server refused jenkins@pve!limited without naming a path or a privilege.")
                .hasCommands("no-path-named", "pveum user permissions 'jenkins@pve!limited'", "pveum acl list");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/vms/100;reboot", "/vms/'$(reboot)'"})
    void quotesAHostilePathForTheShell(String path) throws Exception {
        explained.refuse(
                403, "Permission check failed (" + path.replace("(", "").replace(")", "") + ", VM.Audit)");
        limited(ProxmoxClient::version);
        String command = explained.diagnosis.causes().get(0).commands().get(0);
        String quoted = "'" + path.replace("(", "").replace(")", "").replace("'", "'\\''") + "'";
        assertThat(command.startsWith("pveum acl modify " + quoted + " --tokens "), is(true));
    }

    @Test
    void makesARoleFromTheFailureAlone() throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(explained.cluster.settings(
                ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret())))) {
            var denied = Assertions.assertThrows(PermissionDeniedException.class, () -> START.on(client));
            explained.diagnosis = new Diagnostician().explain(denied);
        }
        explained
                .hasCauses("privilege-missing", "user-lacks-right")
                .hasCommands(
                        "privilege-missing",
                        "pveum role add JenkinsVMPowerMgmt --privs VM.PowerMgmt",
                        "pveum acl modify /vms/100 --tokens 'jenkins@pve!limited' --roles JenkinsVMPowerMgmt")
                .found(Result.UNKNOWN, "The server did not tell which roles it has.");
    }
}
