package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;

@WithOneJenkins
class ProxmoxStatusStepTest {

    private static WorkflowRun run(JenkinsRule jenkins, Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    @Test
    void tellsHowAGuestIs(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().vm(130, "pve1", "out-of-space").halted("io-error");
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def s = proxmoxStatus vmid: 101
                    echo "${s.status} ${s.uptime >= 0} ${s.cpu} ${s.memory} ${s.node} ${s.name} ${s.type} ${s.lock} ${s.haManaged}"
                    def full = proxmoxStatus vmid: 130
                    echo "qemu ${s.qmpStatus}, ${full.status} ${full.qmpStatus}"
                    echo "container ${proxmoxStatus(vmid: 201).qmpStatus}"
                    def locked = proxmoxStatus name: 'in-backup'
                    echo "lock ${locked.lock}"
                    def ha = proxmoxStatus vmid: 104
                    echo "ha ${ha.haManaged}"
                    """);
            jenkins.assertLogContains("running true 0.0125 340000000 pve1 web-1 qemu null false", run);
            jenkins.assertLogContains("qemu running, running io-error", run);
            jenkins.assertLogContains("container null", run);
            jenkins.assertLogContains("VM 130 (out-of-space) on node pve1 is running (io-error), up for", run);
            jenkins.assertLogContains("lock backup", run);
            jenkins.assertLogContains("ha true", run);
            jenkins.assertLogContains("[Proxmox VE] VM 101 (web-1) on node pve1 is running, up for", run);
        }
    }

    @Test
    void asksOnceMoreWhenTheServerIsInTrouble(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            for (Fault trouble : List.of(
                    new Fault.Refuse(599, "Too many redirections"),
                    new Fault.Refuse(596, "Connection reset by peer"),
                    new Fault.Answer(502, "Bad Gateway", "text/plain", "Bad Gateway"))) {
                lab.proxmox.inject(request -> request.path().endsWith("/status/current"), trouble);
            }
            WorkflowRun run = run(jenkins, Result.SUCCESS, "echo \"it is ${proxmoxStatus(vmid: 101).status}\"");
            jenkins.assertLogContains("it is running", run);
            String log = JenkinsRule.getLog(run);
            assertThat(
                    log.lines()
                            .filter(line -> line.contains("Still asking for"))
                            .toList(),
                    hasSize(1));
        }
    }

    @Test
    void explainsTroubleThatDoesNotPass(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.stopListening();
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxStatus()");
            jenkins.assertLogContains("Still asking for the status of the server. ", run);
            jenkins.assertLogContains("systemctl status pveproxy", run);
        }
    }

    @Test
    void tellsAboutTheServerWithoutAGuest(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def s = proxmoxStatus()
                    echo "version ${s.version} as ${s.identity} on ${s.server}"
                    echo "nodes ${s.nodes.collect { it.name + ':' + it.status }.sort()}"
                    echo "guests ${s.guests.size()} ${s.guests.find { it.vmid == 200 }.name}"
                    """);
            jenkins.assertLogContains("version 9.2.11 as jenkins@pve!ci on lab", run);
            jenkins.assertLogContains("nodes [pve1:online, pve2:offline]", run);
            jenkins.assertLogContains("guests 14 proxy", run);
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void tellsOfAGuestWhoseNumberIsNoVmid(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            lab.proxmox.cluster().vm(50, "pve1", "left-behind");
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    echo "guests ${proxmoxStatus().guests.size()}"
                    echo "web-1 is ${proxmoxStatus(name: 'web-1').status}"
                    """);
            jenkins.assertLogContains("guests 14", run);
            jenkins.assertLogContains("web-1 is running", run);
            jenkins.assertLogContains(
                    "[Proxmox VE] Left out of the list: qemu/50 (50 is not a VMID: VMIDs range from 100 to 999999999).",
                    run);
        }
    }

    @Test
    void tellsWhatMayBeDoneWithAGuest(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("auditor", "auditor@pve!ci", lab.example.auditorSecret()));
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def vm = proxmoxStatus vmid: 100, checkPermissions: true
                    echo "vm ${vm.actions} ${vm.privileges.contains('VM.PowerMgmt')}"
                    def ct = proxmoxStatus vmid: 200, checkPermissions: true
                    echo "ct ${ct.actions.contains('start')} ${ct.actions.contains('reset')}"
                    def other = proxmoxStatus vmid: 100, checkPermissions: true, credentialsId: 'auditor'
                    echo "auditor ${other.actions}"
                    echo "auditor lacks ${other.missing.delete}"
                    """);
            jenkins.assertLogContains(
                    "vm [start, stop, shutdown, reboot, reset, suspend, resume, snapshot, rollback, delsnapshot, delete] true",
                    run);
            jenkins.assertLogContains(
                    "Not permitted: clone. Missing: Datastore.AllocateSpace on /storage/local,"
                            + " SDN.Use on /sdn/zones/localnetwork/vmbr0",
                    run);
            jenkins.assertLogContains("auditor lacks [VM.Allocate on /vms/100]", run);
            jenkins.assertLogContains("ct true false", run);
            jenkins.assertLogContains("auditor []", run);
            jenkins.assertLogContains("auditor@pve!ci can only view VM 100: it lacks VM.PowerMgmt on /vms/100", run);
            run(jenkins, Result.FAILURE, "proxmoxStatus checkPermissions: true");
        }
    }

    /** Its memory goes to a storage, on which it needs a right of its own. */
    @Test
    void tellsThatAGuestMayBeHibernated(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().role("space", "Datastore.AllocateSpace");
            lab.proxmox.access().grant("/storage/local", "jenkins@pve", "space");
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def vm = proxmoxStatus vmid: 100, checkPermissions: true
                    def ct = proxmoxStatus vmid: 200, checkPermissions: true
                    echo "${vm.actions.contains('hibernate')} ${ct.actions.contains('hibernate')}"
                    """);
            jenkins.assertLogContains("true false", run);
        }
    }

    @Test
    void tellsWhereAGuestMayBeCloned(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().role("clones", "Datastore.AllocateSpace,SDN.Use");
            lab.proxmox.access().grant("/storage/local", "jenkins@pve", "clones");
            lab.proxmox.access().grant("/sdn/zones", "jenkins@pve", "clones");
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def template = proxmoxStatus vmid: 900, checkPermissions: true
                    echo "${template.actions.contains('clone')} ${template.clonePaths} ${template.missing.clone}"
                    """);
            jenkins.assertLogContains("true [/vms] null", run);
        }
    }

    @Test
    void namesWhatAnIdentityWithoutRightsLacks(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ConfiguredProxmox.add(
                    ConfiguredProxmox.token("limited", "jenkins@pve!limited", lab.example.limitedSecret()));
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxStatus vmid: 100, credentialsId: 'limited'");
            jenkins.assertLogContains("403 Permission check failed (/vms/100, VM.Audit)", run);
        }
    }

    @Test
    void tellsAWrongTokenApart(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ConfiguredProxmox.add(
                    ConfiguredProxmox.token("wrong", "jenkins@pve!ci", "00000000-0000-0000-0000-000000000000"));
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxStatus vmid: 100, credentialsId: 'wrong'");
            jenkins.assertLogContains(
                    "ERROR: Proxmox VE at " + lab.proxmox.address()
                            + " does not accept jenkins@pve!ci. The server said: 401 Authentication failed!",
                    run);
        }
    }

    /** Each address that takes a connection and keeps silent costs the time to connect, for each question. */
    @ParameterizedTest
    @EnumSource(Generation.class)
    void endsWhenTheServerHangs(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation);
                ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ServerSocket silentToo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            ProxmoxServer server = new ProxmoxServer(
                    "hanging",
                    "localhost:" + silent.getLocalPort() + ", localhost:" + silentToo.getLocalPort() + ", "
                            + lab.proxmox.address());
            server.setCredentialsId("ci");
            server.setFingerprint(lab.fingerprint());
            server.setResponseTimeout(5);
            ProxmoxConfiguration.get().setServers(List.of(server));
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxStatus vmid: 100");
            jenkins.assertLogContains("ERROR: Timeout of 15 s: still asking for the status of guest 100. ", run);
            run = run(jenkins, Result.FAILURE, "proxmoxStatus()");
            jenkins.assertLogContains("ERROR: Timeout of 15 s: still asking for the status of the server. ", run);
        }
    }

    @Test
    void worksInADeclarativePipeline(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    pipeline {
                        agent none
                        parameters { string(name: 'VMID', defaultValue: '101') }
                        stages {
                            stage('look') {
                                steps {
                                    proxmoxStatus vmid: params.VMID
                                    proxmoxVm action: 'shutdown', vmid: params.VMID
                                }
                            }
                        }
                    }
                    """);
            jenkins.assertLogContains("VM 101 (web-1) is stopped on node pve1, confirmed", run);
        }
    }
}
