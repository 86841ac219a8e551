package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesRegex;

import io.jenkins.plugins.proxmox.pve.client.ErrorAnswer;
import io.jenkins.plugins.proxmox.pve.client.Failures;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are neither a 401 nor a 403 of the API. */
@ParameterizedClass
@EnumSource(Generation.class)
class OtherAnswersTest {

    @AutoClose
    private final Explained explained;

    OtherAnswersTest(Generation generation) {
        explained = new Explained(generation);
    }

    private Explained ci(Explained.Call call) throws Exception {
        return explained.as(ExampleCluster.token("jenkins@pve!ci", explained.cluster.ciSecret()), call);
    }

    private static Explained.Call status(String node, int vmid) {
        return client -> client.status(new GuestLocation(node, GuestType.QEMU, vmid));
    }

    @Test
    void tellsThatTheOtherNodeIsOffline() throws Exception {
        ci(status("pve2", 110))
                .hasHeadline("Proxmox VE at $ cannot reach the node pve2. The node pve2 is offline."
                        + " The node that answered could not forward the request to it.")
                .hasCauses("node-offline")
                .hasCommands("node-offline", "pvecm status")
                .found(Result.NOT_OK, "The cluster reports that the node pve2 is offline.")
                .asked("GET /nodes");
    }

    @Test
    void tellsThatTheOtherNodeIsSilent() throws Exception {
        explained.proxmox.cluster().silence("pve1");
        ci(status("pve1", 100))
                .hasCauses("node-silent")
                .hasCommands("node-silent", "systemctl status pveproxy pvedaemon pvestatd")
                .found(Result.OK, "The cluster reports that the node pve1 is online.");
    }

    /** The numbers and most of the texts are those of the Perl module AnyEvent::HTTP. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        595 | Connection refused                              | node-refused     | systemctl status pveproxy pvedaemon; systemctl restart pveproxy pvedaemon
        595 | Network is unreachable                          | node-unreachable | pvecm status; ping -c 3 pve1
        596 | Connection timed out                            | node-silent      | systemctl status pveproxy pvedaemon pvestatd
        596 | ssl3_get_server_certificate:certificate verify failed | node-certificate | pvecm updatecerts --force; systemctl restart pveproxy
        596 | Broken pipe                                     | node-broke-off   | journalctl -u pveproxy -u pvedaemon --since -1h
        596 | Connection reset by peer                        | node-broke-off   | journalctl -u pveproxy -u pvedaemon --since -1h
        597 | Unexpected end-of-file                          | node-broke-off   | journalctl -u pveproxy -u pvedaemon --since -1h
        599 | Too many redirections                           | node-broke-off   | journalctl -u pveproxy -u pvedaemon --since -1h
        """)
    void tellsApartWhyARelayFails(int status, String reason, String cause, String commands) throws Exception {
        explained.refuse(status, reason);
        ci(status("pve1", 100))
                .hasCauses(cause)
                .hasHeadline("Proxmox VE at $ cannot reach the node pve1. "
                        + explained.cause(cause).sentence())
                .hasCommands(cause, commands.split("; "))
                .asked("GET /nodes");
    }

    @Test
    void tellsHowLongTheAnswerTook() throws Exception {
        explained.refuse(599, "Too many redirections");
        ci(status("pve1", 100));
        assertThat(
                explained.diagnosis.findings(),
                hasItem(hasToString(matchesRegex(".*The answer took [0-4]\\.\\d seconds\\..*"))));
        ErrorAnswer late = new ErrorAnswer(
                "pve1:8006",
                "GET",
                "/nodes/pve2/tasks",
                596,
                "Connection timed out",
                null,
                Map.of(),
                null,
                null,
                Duration.ofMillis(30_040));
        explained.diagnosis = new FailureExplainer().explain(Failures.answer("jenkins@pve!ci", late));
        explained.hasCauses("node-silent").found(Result.UNKNOWN, "The answer took 30.0 seconds.");
    }

    /** A login is relayed to the daemon beside the web server, which comes up after it. */
    @ParameterizedTest
    @CsvSource({"595, Connection refused", "596, Connection reset by peer"})
    void tellsThatTheDaemonIsNotThereForALogin(int status, String reason) throws Exception {
        explained
                .refuse(status, reason)
                .as(new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD), ProxmoxClient::version)
                .hasHeadline("Proxmox VE at $ cannot reach its own daemon."
                        + " The web server at $ is running, but the daemon behind it, pvedaemon, does not answer.")
                .hasCauses("daemon-silent")
                .hasCommands("daemon-silent", "systemctl status pvedaemon", "systemctl restart pvedaemon")
                .asked();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cluster not ready - no quorum?",
                "cfs-lock 'file-user_cfg' error: no quorum!",
                "unable to open file '/etc/pve/nodes/pve1/qemu-server/100.conf.tmp.4711' - Permission denied"
            })
    void tellsThatTheClusterHasNoQuorum(String text) throws Exception {
        explained.refuse(500, text);
        ci(client -> client.power(new GuestLocation("pve1", GuestType.QEMU, 100), PowerAction.START, Map.of()))
                .hasCauses("no-quorum")
                .hasCommands("no-quorum", "pvecm status")
                .asked();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ipcc_send_rec[1] failed: Connection refused",
                "RPCEnvironment init request failed: Unable to load access control list: Connection refused",
                "pve configuration filesystem (pmxcfs) not mounted"
            })
    void tellsThatTheClusterFileSystemIsAway(String text) throws Exception {
        explained.refuse(500, text);
        ci(ProxmoxClient::guests)
                .hasCauses("cluster-service-down")
                .hasCommands(
                        "cluster-service-down",
                        "systemctl status pve-cluster",
                        "systemctl restart pve-cluster",
                        "journalctl -u pve-cluster --since -1h");
    }

    @Test
    void tellsThatTheClusterHasNoSuchNode() throws Exception {
        ci(status("pve9", 100)).hasCauses("node-unknown").hasCommands("node-unknown", "pvecm nodes");
        assertThat(explained.cause("node-unknown").sentence(), is("The cluster has no node named pve9."));
    }

    @Test
    void tellsThatTheGuestIsMissing() throws Exception {
        ci(status("pve1", 999))
                .hasCauses("guest-missing")
                .hasCommands("guest-missing", "pvesh get /cluster/resources --type vm");
    }

    @Test
    void tellsThatTheServerIsTooOld() throws Exception {
        explained.refuse(501, "Method 'GET /version' not implemented");
        String version = explained.generation == Generation.V8 ? "8.3.2" : "9.2.11";
        ci(ProxmoxClient::version)
                .hasHeadline("Proxmox VE at $ could not do this. The server does not support the request GET /version."
                        + " It is older than this plugin requires, or $ is another Proxmox product.")
                .hasCauses("server-too-old")
                .hasCommands("server-too-old", "pveversion")
                .found(Result.UNKNOWN, "The server runs Proxmox VE " + version + ".");
    }

    /** 301 is what Proxmox VE itself answers to plain HTTP, as when a proxy in front speaks it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        200 | OK                | <html>Welcome</html> | not-proxmox         | CURL; pveversion
        404 | Not Found         | <html>nginx</html>   | not-proxmox         | CURL; pveversion
        301 | Moved Permanently | ''                   | redirected          | CURL
        301 | Moved Permanently | <html>there</html>   | redirected          | CURL
        302 | Found             | <html>login</html>   | redirected          | CURL
        401 | Unauthorized      | <html>login</html>   | reverse-proxy-login | CURL
        403 | Forbidden         | <html>nginx</html>   | reverse-proxy-login | CURL
        502 | Bad Gateway       | <html>nginx</html>   | gateway             | systemctl status pveproxy
        503 | Unavailable       | <html>nginx</html>   | gateway             | systemctl status pveproxy
        504 | Gateway Time-out  | <html>nginx</html>   | gateway             | systemctl status pveproxy
        502 | Bad Gateway       | Bad Gateway          | gateway             | systemctl status pveproxy
        503 | Unavailable       | no healthy upstream  | gateway             | systemctl status pveproxy
        524 | A Timeout         | error code: 524      | gateway             | systemctl status pveproxy
        500 | Server Error      | <html>nginx</html>   | gateway             | systemctl status pveproxy
        408 | Request Time-out  | Too slow             | gateway             | systemctl status pveproxy
        429 | Too Many Requests | Slow down            | rate-limited        | CURL
        407 | Proxy Auth        | Log in               | reverse-proxy-login | CURL
        421 | Misdirected       | Misdirected          | not-proxmox         | CURL; pveversion
        """)
    void namesWhatIsNotProxmox(int status, String reason, String body, String cause, String commands) throws Exception {
        explained.proxmox.inject(request -> true, new Fault.Answer(status, reason, "text/html", body));
        String curl = "curl -ki https://" + explained.proxmox.address() + "/api2/json/access/domains";
        // the simulator adds no Server header to such an answer
        ci(ProxmoxClient::version)
                .hasCauses(cause)
                .hasHeadline("$ did not answer like Proxmox VE. "
                        + explained.cause(cause).sentence())
                .hasCommands(cause, commands.replace("CURL", curl).split("; "))
                .asked();
    }

    @Test
    void namesABackupServerByItsPort() {
        var stranger = Failures.stranger("pbs:8007", 400, "it answered otherwise.");
        explained.diagnosis = new FailureExplainer().explain(stranger);
        assertThat(
                explained.diagnosis.headline(),
                is("pbs:8007 did not answer like Proxmox VE."
                        + " pbs:8007 is a Proxmox Backup Server, not a Proxmox VE server."));
        explained.hasCauses("backup-server").hasCommands("backup-server", "pveversion");
    }

    /** proxmox-rest-server, rest.rs: the words of a path that is not there, and of a right that is missing. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        pbs:443  | 404 | Not Found    | Path '/api2/json/cluster/resources' not found. | Proxmox Backup Server
        pbs:443  | 403 | Forbidden    | permission check failed                        | Proxmox Backup Server
        pdm:8443 | 401 | Unauthorized | authentication failed                          | Proxmox Datacenter Manager
        pdm:8443 | 404 | Not Found    | Path '/api2/json/cluster/resources' not found. | Proxmox Datacenter Manager
        """)
    void namesAnotherProductByItsWords(String address, int status, String reason, String message, String product) {
        var answer = new ErrorAnswer(address, "GET", "/version", status, reason, message, Map.of(), null, null, null);
        explained.diagnosis = new FailureExplainer().explain(Failures.stranger(answer, "it answered otherwise."));
        explained.hasCauses("backup-server");
        assertThat(
                explained.cause("backup-server").sentence(),
                is(address + " is a " + product + ", not a Proxmox VE server."));
    }
}
