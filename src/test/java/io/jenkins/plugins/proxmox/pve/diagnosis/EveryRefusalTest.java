package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each way in which Proxmox VE words a refusal: the headline, the causes in their order, the commands of the first. */
@ParameterizedClass
@EnumSource(Generation.class)
class EveryRefusalTest {

    private static final String COMPARE = "IFS= read -rsp 'Secret: ' s; grep -qFxf - /etc/pve/priv/token.cfg"
            + " <<< 'jenkins@pve!limited'\" $s\" && echo right || echo wrong; unset s";

    @AutoClose
    private final Explained explained;

    EveryRefusalTest(Generation generation) {
        explained = new Explained(generation);
    }

    /** What the token without any right is told when its request for the version is answered so. */
    private void assertExplains(int status, String reason, String headline, String causes, String commands)
            throws Exception {
        explained
                .refuse(status, reason)
                .as(
                        ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret()),
                        ProxmoxClient::version)
                .hasCauses(causes.split(" "));
        Cause first = explained.diagnosis.causes().get(0);
        boolean certain = explained.diagnosis.causes().size() == 1;
        explained
                .hasHeadline(certain ? headline + " " + first.sentence() : headline)
                .hasCommands(first.id(), commands == null ? new String[0] : commands.split(" \\+ "));
        assertThat(explained.diagnosis.serverSaid().status(), is(status));
        assertThat(explained.diagnosis.serverSaid().reason(), is(reason));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        No ticket                                        | nothing-arrived    | pveversion
        no tokenid specified                             | token-id-malformed | pveum user list --full 1
        'x' is not a valid token ID - not able to split  | token-id-malformed | pveum user list --full 1
        no such user ('jenkins@pve')                     | user-unknown       | pveum user list + pveum user add jenkins@pve
        no such token 'limited' for user 'jenkins@pve'   | token-unknown      | pveum user token list jenkins@pve + pveum user token add jenkins@pve limited --privsep 1
        token 'limited' access expired                   | token-expired      | pveum user token list jenkins@pve + pveum user token modify jenkins@pve limited --expire 0
        user 'jenkins@pve' is disabled                   | user-disabled      | pveum user list + pveum user modify jenkins@pve --enable 1
        user 'jenkins@pve' access expired                | user-expired       | pveum user list + pveum user modify jenkins@pve --expire 0
        permission denied - invalid PVE ticket           | ticket-refused     | pvecm nodes + ls -l /etc/pve/authkey.pub
        Permission denied - invalid csrf token           | csrf-token         | pveum user token add jenkins@pve jenkins --privsep 1
        invalid token value!                             | secret-wrong       | COMPARE + pveum user token add jenkins@pve limited2 --privsep 1
        Authentication failed!                           | secret-wrong token-unknown token-expired user-disabled user-expired user-unknown | COMPARE + pveum user token modify jenkins@pve limited --regenerate 1
        authentication failure                           | secret-wrong token-unknown token-expired user-disabled user-expired user-unknown | COMPARE + pveum user token modify jenkins@pve limited --regenerate 1
        """)
    void of401(String reason, String causes, String commands) throws Exception {
        assertExplains(
                401,
                reason,
                "Proxmox VE at $ does not accept jenkins@pve!limited.",
                causes,
                commands.replace("COMPARE", COMPARE));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        Permission check failed                                           | no-path-named  | pveum user permissions 'jenkins@pve!limited' + pveum acl list
        Permission check failed (no access (VM.Audit))                    | no-path-named  | pveum user permissions 'jenkins@pve!limited' + pveum acl list
        no access ('VM.Audit')                                            | no-path-named  | pveum user permissions 'jenkins@pve!limited' + pveum acl list
        Forbidden                                                         | no-path-named  | pveum user permissions 'jenkins@pve!limited' + pveum acl list
        Permission check failed (user != root@pam)                        | root-only      |
        Permission check failed (bind mounts are only for root@pam)       | root-only      |
        Permission check failed (URI '/x' not available with API token, n | not-for-tokens |
        Permission denied - invalid csrf token                            | csrf-token     | pveum user token add jenkins@pve jenkins --privsep 1
        CSRF prevention token missing                                     | csrf-token     | pveum user token add jenkins@pve jenkins --privsep 1
        """)
    void of403WithoutAPath(String reason, String causes, String commands) throws Exception {
        assertExplains(403, reason, "Proxmox VE at $ does not let jenkins@pve!limited do this.", causes, commands);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        /vms/100, VM.PowerMgmt                | VM.PowerMgmt on /vms/100                  | JenkinsVMPowerMgmt          | VM.PowerMgmt
        /vms/100, VM.Audit                    | VM.Audit on /vms/100                      | JenkinsAudit                | VM.Audit
        /vms/100, VM.Snapshot                 | VM.Snapshot on /vms/100                   | JenkinsVMSnapshot           | VM.Snapshot
        /vms/100, VM.Clone                    | VM.Clone on /vms/100                      | JenkinsVMClone              | VM.Clone
        /vms/100, VM.Audit&VM.Clone           | VM.Audit and VM.Clone on /vms/100         | PVETemplateUser             |
        /pool/ci, Pool.Audit                  | Pool.Audit on /pool/ci                    | PVEPoolUser                 |
        /nodes/pve1, Sys.Audit                | Sys.Audit on /nodes/pve1                  | JenkinsSysAudit             | Sys.Audit
        /nodes/pve1, Sys.PowerMgmt            | Sys.PowerMgmt on /nodes/pve1              | JenkinsSysPowerMgmt         | Sys.PowerMgmt
        /nodes/pve1, Sys.PowerMgmt&Sys.Modify | Sys.PowerMgmt and Sys.Modify on /nodes/pve1 | JenkinsSysModifySysPowerMgmt | 'Sys.Modify Sys.PowerMgmt'
        /vms/100, VM.Audit&VM.PowerMgmt       | VM.Audit and VM.PowerMgmt on /vms/100     | JenkinsPower                | 'VM.Audit VM.PowerMgmt'
        /storage/a, Datastore.Audit/Datastore.Allocate | Datastore.Audit or Datastore.Allocate on /storage/a | JenkinsDatastoreAudit | Datastore.Audit
        """)
    void of403WithAPath(String detail, String asked, String role, String privileges) throws Exception {
        String path = detail.substring(0, detail.indexOf(','));
        String add = privileges == null ? "" : "pveum role add " + role + " --privs " + privileges + " + ";
        assertExplains(
                403,
                "Permission check failed (" + detail.replace("&", " && ").replace("Audit/", "Audit|") + ")",
                "Proxmox VE at $ does not let jenkins@pve!limited do this: it requires " + asked + ".",
                "token-without-acl",
                add + "pveum acl modify " + path + " --tokens 'jenkins@pve!limited' --roles " + role
                        + " + pveum user permissions jenkins@pve --path " + path
                        + " + pveum acl modify " + path + " --users jenkins@pve --roles " + role);
    }

    /** Proxmox VE wraps some refusals into an error of the whole call. */
    @Test
    void ofA403InsideAnotherError() throws Exception {
        assertExplains(
                500,
                "update pools failed: 403 Permission check failed (/vms/500, Permissions.Modify|VM.Allocate)",
                "Proxmox VE at $ does not let jenkins@pve!limited do this: it requires Permissions.Modify or VM.Allocate"
                        + " on /vms/500.",
                "token-without-acl",
                "pveum role add JenkinsPermissionsModify --privs Permissions.Modify"
                        + " + pveum acl modify /vms/500 --tokens 'jenkins@pve!limited' --roles JenkinsPermissionsModify"
                        + " + pveum user permissions jenkins@pve --path /vms/500"
                        + " + pveum acl modify /vms/500 --users jenkins@pve --roles JenkinsPermissionsModify");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        403 | Permission check failed (pool 'x y' does not exist)                 | pool-unknown      | pveum pool list + pveum pool add 'x y'
        500 | pool 'ci' does not exist                                            | pool-unknown      | pveum pool list + pveum pool add ci
        500 | update pools failed: pool 'ci' does not exist                       | pool-unknown      | pveum pool list + pveum pool add ci
        500 | storage 'tank' does not exist                                       | storage-unknown   | pvesm status
        400 | Only root may use this option.                                      | root-only         |
        400 | Parameter verification failed.                                      | parameter-refused |
        500 | only root can set 'args' config                                     | root-only         |
        500 | Configuration file 'nodes/pve1/qemu-server/9.conf' does not exist   | guest-missing     | pvesh get /cluster/resources --type vm
        500 | hostname lookup 'pve9' failed - failed to get address info          | node-unknown      | pvecm nodes
        500 | unable to open file - out of space                                  | request-rejected  | journalctl -u pvedaemon -u pveproxy --since -1h
        501 | Method 'GET /version' not implemented                               | server-too-old    | pveversion
        """)
    void ofRequestsThatAreNotDone(int status, String reason, String causes, String commands) throws Exception {
        assertExplains(status, reason, "Proxmox VE at $ could not do this.", causes, commands);
    }
}
