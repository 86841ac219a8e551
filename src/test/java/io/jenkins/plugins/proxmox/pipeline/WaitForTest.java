package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvnet.hudson.test.JenkinsRule;

/** Pipelines that wait for the guest itself, and what they learn of its addresses. */
@WithOneJenkins
@ParameterizedClass
@EnumSource(Generation.class)
class WaitForTest {

    /** The controller itself, in a form that does not count as a loopback address. */
    private static final String THIS_MACHINE = "::ffff:127.0.0.1";

    private final Generation generation;
    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;
    private SimulatedCluster cluster;

    WaitForTest(Generation generation) {
        this.generation = generation;
    }

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start(generation);
        cluster = lab.proxmox.cluster();
        cluster.agentTimeout(Duration.ofMillis(300));
    }

    @AfterEach
    void stopServer() {
        lab.close();
    }

    private WorkflowRun run(Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    @ParameterizedTest
    @CsvSource({"100, 192.0.2.101", "200, 192.0.2.201"})
    void returnsTheAddressesOfTheGuest(int vmid, String address) throws Exception {
        cluster.guest(vmid).agent().addressesAfter(Duration.ofMillis(500));
        WorkflowRun run = run(Result.SUCCESS, """
                def vm = proxmoxVm action: 'start', vmid: %d, waitFor: 'ip'
                echo "ip=${vm.ip}"
                vm.addresses.each { echo "${it.interface} ${it.address}/${it.prefix}" }
                """.formatted(vmid));
        jenkins.assertLogContains("ip=" + address, run);
        jenkins.assertLogContains("eth0 " + address + "/24", run);
        jenkins.assertLogContains("lo 127.0.0.1/8", run);
        jenkins.assertLogContains("has the address " + address, run);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 200})
    void waitsUntilAPortOfTheGuestIsOpen(int vmid) throws Exception {
        cluster.guest(vmid).agent().obtains("eth0", THIS_MACHINE + "/96");
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String waitFor = "waitFor: 'port:" + service.getLocalPort() + "'";
            WorkflowRun run = run(
                    Result.SUCCESS,
                    "def vm = proxmoxVm action: 'start', vmid: " + vmid + ", " + waitFor + "; echo \"ip=${vm.ip}\"");
            jenkins.assertLogContains("ip=" + THIS_MACHINE, run);
            jenkins.assertLogContains("accepts connections, after ", run);
        }
    }

    @Test
    void putsAGuestBackWhosePortIsClosed() throws Exception {
        int port;
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = service.getLocalPort();
        }
        cluster.guest(100).agent().obtains("eth0", THIS_MACHINE + "/96");
        WorkflowRun run = run(
                Result.FAILURE,
                "withProxmoxVm(vmid: 100, waitFor: 'port:" + port + "', timeout: 3) { echo 'not reached' }");
        jenkins.assertLogContains("does not accept connections to the port: the connection was refused.", run);
        jenkins.assertLogNotContains("not reached", run);
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void returnsNoAddressesUnlessItWaitedForThem() throws Exception {
        WorkflowRun run =
                run(Result.SUCCESS, "def vm = proxmoxVm action: 'start', vmid: 100; echo \"${vm.ip} ${vm.addresses}\"");
        jenkins.assertLogContains("null []", run);
    }

    @Test
    void tellsTheStepsInsideTheAddress() throws Exception {
        cluster.guest(100).agent().answersAfter(Duration.ofMillis(500));
        WorkflowRun run =
                run(Result.SUCCESS, "withProxmoxVm(vmid: 100, waitFor: 'ip') { echo \"inside ${env.PROXMOX_IP}\" }");
        jenkins.assertLogContains("inside 192.0.2.101", run);
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
        jenkins.assertLogContains(
                "inside null", run(Result.SUCCESS, "withProxmoxVm(vmid: 100) { echo \"inside ${env.PROXMOX_IP}\" }"));
    }

    @Test
    void putsAGuestBackThatDoesNotAnswer() throws Exception {
        cluster.guest(100).agent().notInstalled();
        WorkflowRun run =
                run(Result.FAILURE, "withProxmoxVm(vmid: 100, waitFor: 'agent', timeout: 3) { echo 'not reached' }");
        jenkins.assertLogContains("Timeout of 3 s waiting for agent of VM 100 (build-agent)", run);
        jenkins.assertLogNotContains("not reached", run);
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void putsAGuestBackWhenTheWaitIsAborted() throws Exception {
        cluster.guest(100).agent().answersAfter(Duration.ofHours(1));
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(
                new CpsFlowDefinition("withProxmoxVm(vmid: 100, waitFor: 'ip') { echo 'not reached' }", true));
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        Eventually.holds(
                "is asked",
                () -> lab.proxmox.requests().stream()
                        .anyMatch(request -> request.path().endsWith("/network-get-interfaces")));
        run.getExecutor().interrupt();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            action: 'start', vmid: 100, waitFor: 'soon'  | waitFor: "soon" is not known. Use running, agent, ip, or port: and a number
            action: 'start', vmid: 100, waitFor: 'port:' | waitFor: "port:" is not known
            action: 'start', vmid: 100, waitFor: 'port:70000' | waitFor: "port:70000" is not known
            action: 'stop', vmid: 100, waitFor: 'ip'     | waitFor: ip is for actions that leave the guest running, such as start. The action is stop.
            action: 'start', vmid: 100, waitFor: 'ip', wait: false | waitFor: ip contradicts wait: false.
            action: 'start', vmid: 200, waitFor: 'agent' | Cannot start CT 200 (proxy): containers have no QEMU guest agent. Use waitFor: 'ip'.
            """)
    void refusesWhatMakesNoSense(String parameters, String message) throws Exception {
        jenkins.assertLogContains(message, run(Result.FAILURE, "proxmoxVm " + parameters));
        assertThat(lab.proxmox.writes(), is(empty()));
    }

    @Test
    void explainsWhichRightIsMissing() throws Exception {
        lab.proxmox.access().role("Power", "VM.Audit,VM.PowerMgmt");
        lab.proxmox.access().user("power@pve");
        lab.proxmox.access().grant("/vms", "power@pve", "Power");
        String secret = lab.proxmox.access().token("power@pve!ci", false);
        ConfiguredProxmox.add(ConfiguredProxmox.token("power", "power@pve!ci", secret));
        WorkflowRun run =
                run(Result.FAILURE, "proxmoxVm action: 'start', vmid: 100, waitFor: 'ip', credentialsId: 'power'");
        jenkins.assertLogContains(
                generation == Generation.V8
                        ? "pveum role add JenkinsMonitor --privs 'VM.Audit VM.Monitor VM.PowerMgmt'"
                        : "pveum role add JenkinsAgent --privs 'VM.Audit VM.GuestAgent.Audit VM.PowerMgmt'",
                run);
        WorkflowRun asked = run(
                Result.SUCCESS,
                "echo \"can ${proxmoxStatus(vmid: 100, checkPermissions: true, credentialsId: 'power').waitFor}\"\n"
                        + "echo \"could ${proxmoxStatus(vmid: 200, checkPermissions: true).waitFor}\"\n"
                        + "echo \"all ${proxmoxStatus(vmid: 100, checkPermissions: true).waitFor}\"");
        jenkins.assertLogContains("can [running]", asked);
        jenkins.assertLogContains("could [running, ip, port]", asked);
        jenkins.assertLogContains("all [running, agent, ip, port]", asked);
    }

    @Test
    void tellsTheAddressesWithTheStatus() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                [101, 201, 100].each { vmid ->
                    def now = proxmoxStatus vmid: vmid, addresses: true
                    echo "${now.vmid} ${now.ip} ${now.addresses.size()}"
                }
                """);
        jenkins.assertLogContains("101 192.0.2.102 4", run);
        jenkins.assertLogContains("201 192.0.2.202 4", run);
        jenkins.assertLogContains("100 null 0", run);
        cluster.guest(101).agent().notConfigured();
        run = run(Result.SUCCESS, "echo \"now ${proxmoxStatus(vmid: 101, addresses: true).ip}\"");
        jenkins.assertLogContains("now null", run);
        jenkins.assertLogContains(
                "The addresses of VM 101 (web-1) are not known. Proxmox VE answered: No QEMU guest agent configured",
                run);
        jenkins.assertLogContains(
                "addresses needs a guest. Give its vmid or its name.",
                run(Result.FAILURE, "proxmoxStatus addresses: true"));
    }
}
