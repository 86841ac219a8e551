package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.access.NetworkPath;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.util.List;
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

    /** A start or stop needs more than what is refused first; of another call nothing else is known. */
    private static RequiredPrivilege[] needs(Explained.Call call) {
        List<RequiredPrivilege> needs = call == START
                ? new PowerOperation(PowerAction.START).needs(100, GuestConfig.UNKNOWN)
                : call == STOP_101 ? new PowerOperation(PowerAction.STOP).needs(101, GuestConfig.UNKNOWN) : List.of();
        return needs.toArray(RequiredPrivilege[]::new);
    }

    private Explained ci(Explained.Call call) throws Exception {
        return explained.as(ExampleCluster.token("jenkins@pve!ci", explained.cluster.ciSecret()), call);
    }

    private Explained limited(Explained.Call call) throws Exception {
        return explained.as(
                ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret()), call, needs(call));
    }

    private Explained operator(Explained.Call call) throws Exception {
        return explained.as(
                ExampleCluster.token("jenkins@pve!operator", explained.cluster.operatorSecret()), call, needs(call));
    }

    private Explained auditor(Explained.Call call) throws Exception {
        return explained.as(
                ExampleCluster.token("auditor@pve!ci", explained.cluster.auditorSecret()), call, needs(call));
    }

    private Explained user(Explained.Call call) throws Exception {
        return explained.as(new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD), call, needs(call));
    }

    /** What {@code start} needs, of which only one thing is refused first. */
    private static String[] powerFor(String path, String tokenId) {
        String user = tokenId.substring(0, tokenId.indexOf('!'));
        return new String[] {
            "pveum role add JenkinsPower --privs 'VM.Audit VM.PowerMgmt'",
            "pveum acl modify " + path + " --tokens '" + tokenId + "' --roles JenkinsPower",
            "pveum user permissions " + user + " --path " + path,
            "pveum acl modify " + path + " --users " + user + " --roles JenkinsPower"
        };
    }

    @Test
    void givesATokenWithoutAclAllThatTheOperationNeeds() throws Exception {
        limited(START)
                .hasHeadline("Proxmox VE at $ does not let jenkins@pve!limited do this:"
                        + " it requires VM.PowerMgmt on /vms/100. The token jenkins@pve!limited has no rights at all."
                        + " A token with privilege separation starts without rights, whatever its user can do.")
                .hasCauses("token-without-acl")
                .hasCommands("token-without-acl", powerFor("/vms/100", "jenkins@pve!limited"))
                .found(Result.NOT_OK, "jenkins@pve!limited has no rights on /vms/100.")
                .found(Result.NOT_OK, "jenkins@pve!limited has no rights on any path.")
                .found(
                        Result.OK,
                        "The server has no role that gives exactly what is needed on /vms/100, VM.Audit and"
                                + " VM.PowerMgmt. The command pveum role add creates one: JenkinsPower.")
                .found(Result.UNKNOWN, "The server did not say which rights the user jenkins@pve has.")
                .asked(
                        "GET /access/permissions",
                        "GET /access/permissions",
                        "GET /access/roles",
                        "GET /access/permissions");
    }

    @Test
    void namesThePathsOnWhichATokenHasRights() throws Exception {
        operator(STOP_101)
                .hasCauses("rights-elsewhere")
                .hasCommands("rights-elsewhere", powerFor("/vms/101", "jenkins@pve!operator"));
        assertThat(
                explained.cause("rights-elsewhere").sentence(),
                is("jenkins@pve!operator has no rights on /vms/101, only on /vms/100."));
    }

    /** What it has there is told, and that the role takes its place. */
    @Test
    void namesThePrivilegeThatIsMissingOnThePath() throws Exception {
        explained.proxmox.access().grant("/", "jenkins@pve", "PVEAuditor");
        explained.proxmox.access().revoke("/vms", "jenkins@pve");
        user(START)
                .hasCauses("privilege-missing")
                .hasCommands(
                        "privilege-missing",
                        "pveum role add JenkinsPower --privs 'VM.Audit VM.PowerMgmt'",
                        "pveum acl modify /vms/100 --users jenkins@pve --roles JenkinsPower");
        assertThat(explained.cause("privilege-missing").sentence(), is("jenkins@pve lacks VM.PowerMgmt on /vms/100."));
    }

    @Test
    void tellsWhatTheRoleTakesThePlaceOf() throws Exception {
        explained.proxmox.access().role("Snapshots", "VM.Audit,VM.Snapshot");
        explained.proxmox.access().grant("/vms", "jenkins@pve!limited", "Snapshots");
        limited(START)
                .hasCommands("privilege-missing", powerFor("/vms/100", "jenkins@pve!limited"))
                .found(
                        Result.UNKNOWN,
                        "A role given on /vms/100 replaces what is inherited from the paths above:"
                                + " jenkins@pve!limited would no longer have VM.Snapshot on /vms/100. If another job needs"
                                + " that, add it to the role JenkinsPower.");
    }

    /** Roles on one path add up. */
    @Test
    void tellsOfNoLossWhereARoleIsGivenAlready() throws Exception {
        explained.proxmox.access().role("Snapshots", "VM.Audit,VM.Snapshot");
        explained.proxmox.access().grant("/vms/100", "jenkins@pve!limited", "Snapshots");
        limited(START).hasCommands("privilege-missing", powerFor("/vms/100", "jenkins@pve!limited"));
        assertThat(
                explained.diagnosis.findings().stream()
                        .noneMatch(finding -> finding.sentence().contains("replaces what is inherited")),
                is(true));
    }

    /** The effective right is the intersection; that of the user cannot be seen by its token. */
    @Test
    void givesTheUserOfATokenTheRoleAsWell() throws Exception {
        explained.proxmox.access().revoke("/vms", "jenkins@pve");
        explained.proxmox.access().grant("/vms/100", "jenkins@pve", "PVEAuditor");
        operator(START)
                .hasCauses("privilege-missing")
                .hasCommands("privilege-missing", powerFor("/vms/100", "jenkins@pve!operator"));
    }

    @Test
    void blamesTheUserWhereItIsKnownToLackTheRight() throws Exception {
        auditor(START)
                .hasCauses("user-lacks-right")
                .found(Result.NOT_OK, "The user auditor@pve does not have the missing rights either.")
                .hasCommands(
                        "user-lacks-right",
                        "pveum role add JenkinsPower --privs 'VM.Audit VM.PowerMgmt'",
                        "pveum acl modify /vms/100 --tokens 'auditor@pve!ci' --roles JenkinsPower",
                        "pveum acl modify /vms/100 --users auditor@pve --roles JenkinsPower");
        assertThat(
                explained.cause("user-lacks-right").sentence(),
                is("The user auditor@pve lacks VM.PowerMgmt on /vms/100. A token can never do more than its user."));
    }

    @Test
    void blamesTheTokenAloneWhereItsUserHasTheRight() throws Exception {
        explained.proxmox.access().grant("/", "jenkins@pve", "Administrator");
        explained.proxmox.access().grant("/access", "jenkins@pve!limited", "PVEAuditor");
        limited(START)
                .hasHeadline("Proxmox VE at $ does not let jenkins@pve!limited do this: it requires VM.PowerMgmt on"
                        + " /vms/100. jenkins@pve!limited has no rights on /vms/100, only on /access.")
                .hasCommands(
                        "rights-elsewhere",
                        "pveum role add JenkinsPower --privs 'VM.Audit VM.PowerMgmt'",
                        "pveum acl modify /vms/100 --tokens 'jenkins@pve!limited' --roles JenkinsPower")
                .found(Result.OK, "The user jenkins@pve has the missing rights.");
    }

    /** root@pam may do everything: only its token lacks something. */
    @Test
    void givesNothingToRoot() throws Exception {
        String secret = explained.proxmox.access().token("root@pam!ci", true);
        explained
                .as(ExampleCluster.token("root@pam!ci", secret), START, needs(START))
                .hasCommands(
                        "token-without-acl",
                        "pveum role add JenkinsPower --privs 'VM.Audit VM.PowerMgmt'",
                        "pveum acl modify /vms/100 --tokens 'root@pam!ci' --roles JenkinsPower");
    }

    @Test
    void givesAUserWithoutRightsARole() throws Exception {
        explained.proxmox.access().revoke("/vms", "jenkins@pve");
        user(START)
                .hasHeadline("Proxmox VE at $ does not let jenkins@pve do this: it requires VM.PowerMgmt on /vms/100."
                        + " The user jenkins@pve has no rights at all.")
                .hasCauses("user-without-rights")
                .hasCommands(
                        "user-without-rights",
                        "pveum role add JenkinsPower --privs 'VM.Audit VM.PowerMgmt'",
                        "pveum acl modify /vms/100 --users jenkins@pve --roles JenkinsPower");
    }

    @Test
    void givesAUserWithRightsElsewhereARole() throws Exception {
        explained.proxmox.access().revoke("/vms", "jenkins@pve");
        explained.proxmox.access().grant("/vms/200", "jenkins@pve", "PVEVMUser");
        user(START)
                .hasCauses("rights-elsewhere")
                .hasCommands(
                        "rights-elsewhere",
                        "pveum role add JenkinsPower --privs 'VM.Audit VM.PowerMgmt'",
                        "pveum acl modify /vms/100 --users jenkins@pve --roles JenkinsPower");
    }

    /** Its owner may change it tomorrow. */
    @Test
    void passesByARoleThatAnAdministratorMadeForSomethingElse() throws Exception {
        explained.proxmox.access().role("power-only-x", "VM.Audit,VM.PowerMgmt");
        limited(START).hasCommands("token-without-acl", powerFor("/vms/100", "jenkins@pve!limited"));
    }

    @Test
    void takesTheRoleOfTheDocumentationWhereItExists() throws Exception {
        explained.proxmox.access().role("JenkinsPower", "VM.Audit,VM.PowerMgmt");
        limited(START)
                .hasCommands(
                        "token-without-acl",
                        "pveum acl modify /vms/100 --tokens 'jenkins@pve!limited' --roles JenkinsPower",
                        "pveum user permissions jenkins@pve --path /vms/100",
                        "pveum acl modify /vms/100 --users jenkins@pve --roles JenkinsPower")
                .found(
                        Result.OK,
                        "The server has a role that gives exactly what is needed on /vms/100, VM.Audit and"
                                + " VM.PowerMgmt: JenkinsPower.");
    }

    @Test
    void leavesARoleOfThatNameWithOtherPrivilegesAlone() throws Exception {
        explained.proxmox.access().role("JenkinsPower", "VM.PowerMgmt,VM.Console");
        limited(START)
                .hasCommands(
                        "token-without-acl",
                        "pveum role add JenkinsPower2 --privs 'VM.Audit VM.PowerMgmt'",
                        "pveum acl modify /vms/100 --tokens 'jenkins@pve!limited' --roles JenkinsPower2",
                        "pveum user permissions jenkins@pve --path /vms/100",
                        "pveum acl modify /vms/100 --users jenkins@pve --roles JenkinsPower2");
    }

    @Test
    void givesOnEachPathWhatIsNeededThere() throws Exception {
        explained.as(
                ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret()),
                START,
                new RequiredPrivilege("/vms/100", List.of("VM.Clone")),
                new RequiredPrivilege("/vms/100", List.of("VM.Audit")),
                new RequiredPrivilege("/storage/local", List.of("Datastore.AllocateSpace", "Datastore.Allocate")),
                new RequiredPrivilege("/vms/100", List.of("VM.PowerMgmt")));
        assertThat(
                explained
                        .cause("token-without-acl")
                        .remedy()
                        .startsWith("Give the token the role"
                                + " JenkinsVMAuditVMCloneVMPowerMgmt on /vms/100 and JenkinsSpace on"
                                + " /storage/local, and its user as well"),
                is(true));
        explained.hasCommands(
                "token-without-acl",
                "pveum role add JenkinsVMAuditVMCloneVMPowerMgmt --privs 'VM.Audit VM.Clone VM.PowerMgmt'",
                "pveum role add JenkinsSpace --privs Datastore.AllocateSpace",
                "pveum acl modify /vms/100 --tokens 'jenkins@pve!limited' --roles JenkinsVMAuditVMCloneVMPowerMgmt",
                "pveum acl modify /storage/local --tokens 'jenkins@pve!limited' --roles JenkinsSpace",
                "pveum user permissions jenkins@pve --path /vms/100",
                "pveum user permissions jenkins@pve --path /storage/local",
                "pveum acl modify /vms/100 --users jenkins@pve --roles JenkinsVMAuditVMCloneVMPowerMgmt",
                "pveum acl modify /storage/local --users jenkins@pve --roles JenkinsSpace");
    }

    /** Of several privileges one is enough: the one that is held, else the first. */
    @Test
    void keepsTheOneOfSeveralPrivilegesThatIsHeld() throws Exception {
        explained.proxmox.access().role("Rollback", "VM.Snapshot.Rollback");
        explained.proxmox.access().grant("/vms/100", "jenkins@pve!limited", "Rollback");
        explained.as(
                ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret()),
                START,
                new RequiredPrivilege("/vms/100", List.of("VM.Snapshot", "VM.Snapshot.Rollback")));
        assertThat(
                explained.cause("privilege-missing").commands().get(0),
                is("pveum role add JenkinsVMPowerMgmtVMSnapshotRollback --privs 'VM.PowerMgmt VM.Snapshot.Rollback'"));
    }

    @Test
    void takesARoleOfProxmoxItselfWhereItHoldsNothingElse() throws Exception {
        explained.refuse(403, "Permission check failed (/vms/100, VM.Clone)");
        explained.as(
                ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret()),
                ProxmoxClient::version,
                new RequiredPrivilege("/vms/100", List.of("VM.Audit")));
        explained.hasCommands(
                "token-without-acl",
                "pveum acl modify /vms/100 --tokens 'jenkins@pve!limited' --roles PVETemplateUser",
                "pveum user permissions jenkins@pve --path /vms/100",
                "pveum acl modify /vms/100 --users jenkins@pve --roles PVETemplateUser");
    }

    /** What is refused first is not the network, whose zone is not known then. */
    @Test
    void saysThatANetworkMayBeInAZone() throws Exception {
        explained
                .refuse(403, "Permission check failed (/vms/100, VM.Clone)")
                .as(
                        ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret()),
                        ProxmoxClient::version,
                        new RequiredPrivilege("/vms/100", List.of("VM.Clone")),
                        new RequiredPrivilege(NetworkPath.of("vmbr0/5"), List.of("SDN.Use")),
                        new RequiredPrivilege(NetworkPath.of("tenant1"), List.of("SDN.Use")));
        assertThat(
                explained.diagnosis.findings().stream()
                        .filter(finding -> finding.sentence().contains("/sdn/zones/ZONE/"))
                        .toList(),
                is(List.of(new Evidence(
                        Result.UNKNOWN,
                        "The path /sdn/zones/localnetwork/tenant1 is right if tenant1 is a bridge of the node. If it is a"
                                + " virtual network of SDN, give the role JenkinsNetwork on /sdn/zones/ZONE/tenant1"
                                + " instead, with the zone that this command shows:",
                        List.of("pvesh get /cluster/sdn/vnets")))));
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
        Permission check failed (pool 'ci' does not exist)                               | pool-unknown
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
        String command = explained.diagnosis.causes().get(0).commands().get(1);
        String quoted = "'" + path.replace("(", "").replace(")", "").replace("'", "'\\''") + "'";
        assertThat(command.startsWith("pveum acl modify " + quoted + " --tokens "), is(true));
    }

    @Test
    void makesARoleFromTheFailureAlone() throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(explained.cluster.settings(
                ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret())))) {
            var denied = Assertions.assertThrows(PermissionDeniedException.class, () -> START.on(client));
            explained.diagnosis = new FailureExplainer()
                    .explain(denied, new PowerOperation(PowerAction.START).needs(100, GuestConfig.UNKNOWN));
        }
        explained
                .hasCauses("privilege-missing")
                .hasCommands("privilege-missing", powerFor("/vms/100", "jenkins@pve!limited"))
                .found(
                        Result.UNKNOWN,
                        "The server did not say which roles it has. If JenkinsPower exists already, the command that"
                                + " creates it says so.");
    }
}
