package io.jenkins.plugins.proxmox.pipeline;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.util.List;
import java.util.Map;
import net.sf.json.JSONObject;
import org.jenkinsci.plugins.workflow.cps.SnippetizerTester;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;

/** What the Snippet Generator prints is what was chosen in its form. */
@WithOneJenkins
class SnippetsTest {

    @Test
    void ofProxmoxVm(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            ProxmoxVmStep simple = new ProxmoxVmStep("start");
            simple.setVmid(100);
            tester.assertRoundTrip(simple, "proxmoxVm action: 'start', vmid: 100");

            ProxmoxVmStep whole = new ProxmoxVmStep("shutdown");
            whole.setName("web-1");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setTimeout(60);
            whole.setForceStop(true);
            whole.setWait(false);
            whole.setWaitForLock(true);
            whole.setCancelTask(true);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxVm action: 'shutdown', cancelTask: true, credentialsId: 'ci', forceStop: true, "
                            + "name: 'web-1', node: 'pve1', server: 'lab', timeout: 60, wait: false, waitForLock: true");
        }
    }

    @Test
    void ofWithProxmoxVm(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            WithProxmoxVmStep simple = new WithProxmoxVmStep();
            simple.setVmid(100);
            tester.assertRoundTrip(simple, "withProxmoxVm(vmid: 100) {\n    // some block\n}");

            WithProxmoxVmStep whole = new WithProxmoxVmStep();
            whole.setName("web-1");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setTimeout(60);
            whole.setWaitForLock(true);
            whole.setCancelTask(true);
            whole.setWaitFor("port:22");
            whole.setOnExit("stop");
            tester.assertRoundTrip(
                    whole,
                    "withProxmoxVm(cancelTask: true, credentialsId: 'ci', name: 'web-1', node: 'pve1', "
                            + "onExit: 'stop', server: 'lab', timeout: 60, waitFor: 'port:22', waitForLock: true) {\n    // some block\n}");
        }
    }

    @Test
    void ofWithProxmoxVmWithASnapshotOrAClone(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            WithProxmoxVmStep snapshot = new WithProxmoxVmStep();
            snapshot.setVmid(100);
            snapshot.setSnapshot("clean");
            snapshot.setOnExit("rollback");
            tester.assertRoundTrip(
                    snapshot,
                    "withProxmoxVm(onExit: 'rollback', snapshot: 'clean', vmid: 100) {\n    // some block\n}");

            WithProxmoxVmStep simple = new WithProxmoxVmStep();
            simple.setTemplate(9000);
            tester.assertRoundTrip(simple, "withProxmoxVm(template: '9000') {\n    // some block\n}");

            WithProxmoxVmStep whole = new WithProxmoxVmStep();
            whole.setTemplate("golden");
            whole.setVmid(150);
            whole.setName("fresh");
            whole.setTargetNode("pve2");
            whole.setStorage("nfs");
            whole.setPool("ci");
            whole.setFull(true);
            whole.setSnapshot("clean");
            whole.setTags("ci, linux");
            whole.setDescription("for the tests");
            whole.setCores(2);
            whole.setMemory(2048);
            whole.setDiskSize("32G");
            whole.setCiUser("jenkins");
            whole.setSshKeys("ssh-ed25519 AAAA one");
            whole.setIpConfig("ip=dhcp");
            whole.setNameserver("192.0.2.53");
            whole.setWaitFor("ip");
            whole.setKeepOnFailure(true);
            whole.setKeepFor(2);
            whole.setTimeout(1800);
            tester.assertRoundTrip(
                    whole,
                    "withProxmoxVm(ciUser: 'jenkins', cores: '2', description: 'for the tests', diskSize: '32G', "
                            + "full: 'true', ipConfig: 'ip=dhcp', keepFor: '2', keepOnFailure: true, memory: '2048', "
                            + "name: 'fresh', nameserver: '192.0.2.53', pool: 'ci', snapshot: 'clean', "
                            + "sshKeys: 'ssh-ed25519 AAAA one', storage: 'nfs', tags: 'ci, linux', "
                            + "targetNode: 'pve2', template: 'golden', timeout: 1800, vmid: 150, waitFor: 'ip') "
                            + "{\n    // some block\n}");
        }
    }

    @Test
    void ofProxmoxSnapshot(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            ProxmoxSnapshotStep simple = new ProxmoxSnapshotStep("rollback");
            simple.setVmid(100);
            simple.setSnapshot("clean");
            tester.assertRoundTrip(simple, "proxmoxSnapshot action: 'rollback', snapshot: 'clean', vmid: 100");

            ProxmoxSnapshotStep whole = new ProxmoxSnapshotStep("create");
            whole.setName("web-1");
            whole.setSnapshot("clean");
            whole.setDescription("two\nlines");
            whole.setMemory(true);
            whole.setStart(true);
            whole.setIfExists("replace");
            whole.setIfMissing("ignore");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setTimeout(60);
            whole.setWaitForLock(true);
            whole.setCancelTask(true);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxSnapshot action: 'create', cancelTask: true, credentialsId: 'ci', "
                            + "description: '''two\nlines''', ifExists: 'replace', ifMissing: 'ignore', "
                            + "memory: true, name: 'web-1', node: 'pve1', server: 'lab', snapshot: 'clean', "
                            + "start: true, timeout: 60, waitForLock: true");
        }
    }

    @Test
    void ofProxmoxClone(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            tester.assertRoundTrip(new ProxmoxCloneStep("9000"), "proxmoxClone '9000'");

            ProxmoxCloneStep whole = new ProxmoxCloneStep("golden");
            whole.setVmid(555);
            whole.setName("agent-1");
            whole.setTargetNode("pve2");
            whole.setStorage("tank");
            whole.setPool("ci");
            whole.setFull(true);
            whole.setSnapshot("clean");
            whole.setTags("a,b");
            whole.setDescription("two\nlines");
            whole.setCores("4");
            whole.setMemory("2048");
            whole.setDiskSize("32G");
            whole.setCiUser("ci");
            whole.setSshKeys("ssh-ed25519 AAAA me");
            whole.setIpConfig("ip=dhcp");
            whole.setNameserver("192.0.2.1");
            whole.setStart(true);
            whole.setWaitFor("port:22");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setTimeout(60);
            whole.setWaitForLock(true);
            whole.setCancelTask(true);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxClone cancelTask: true, ciUser: 'ci', cores: '4', credentialsId: 'ci', "
                            + "description: '''two\nlines''', diskSize: '32G', full: 'true', ipConfig: 'ip=dhcp', "
                            + "memory: '2048', name: 'agent-1', nameserver: '192.0.2.1', node: 'pve1', pool: 'ci', "
                            + "server: 'lab', snapshot: 'clean', sshKeys: 'ssh-ed25519 AAAA me', start: true, "
                            + "storage: 'tank', tags: 'a,b', targetNode: 'pve2', template: 'golden', timeout: 60, "
                            + "vmid: 555, waitFor: 'port:22', waitForLock: true");
        }
    }

    @Test
    void ofProxmoxDelete(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            ProxmoxDeleteStep simple = new ProxmoxDeleteStep();
            simple.setVmid(100);
            tester.assertRoundTrip(simple, "proxmoxDelete vmid: 100");

            ProxmoxDeleteStep whole = new ProxmoxDeleteStep();
            whole.setName("agent-1");
            whole.setStop(true);
            whole.setPurge(true);
            whole.setForce(true);
            whole.setIfMissing("ignore");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setTimeout(60);
            whole.setWaitForLock(true);
            whole.setCancelTask(true);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxDelete cancelTask: true, credentialsId: 'ci', force: true, ifMissing: 'ignore', "
                            + "name: 'agent-1', node: 'pve1', purge: true, server: 'lab', stop: true, timeout: 60, "
                            + "waitForLock: true");
        }
    }

    @Test
    void ofProxmoxExec(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            ProxmoxExecStep simple = new ProxmoxExecStep();
            simple.setVmid(100);
            simple.setCommand("make test");
            tester.assertRoundTrip(simple, "proxmoxExec command: 'make test', vmid: 100");

            ProxmoxExecStep whole = new ProxmoxExecStep();
            whole.setName("web-1");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setCommand("make test");
            whole.setShell("/bin/bash -c");
            whole.setEnv(Map.of("A", "it's", "B", ""));
            whole.setInput("text");
            whole.setTimeout(60);
            whole.setReturnStdout(true);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxExec command: 'make test', credentialsId: 'ci', env: [A: 'it\\'s', B: ''], input: 'text', "
                            + "name: 'web-1', node: 'pve1', returnStdout: true, server: 'lab', shell: '/bin/bash -c', "
                            + "timeout: 60");
        }
    }

    @Test
    void ofProxmoxStatus(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            tester.assertRoundTrip(new ProxmoxStatusStep(), "proxmoxStatus()");
            ProxmoxStatusStep guest = new ProxmoxStatusStep();
            guest.setVmid(100);
            guest.setServer("lab");
            tester.assertRoundTrip(guest, "proxmoxStatus server: 'lab', vmid: 100");

            ProxmoxStatusStep whole = new ProxmoxStatusStep();
            whole.setName("web-1");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setAddresses(true);
            whole.setCheckPermissions(true);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxStatus addresses: true, checkPermissions: true, credentialsId: 'ci', name: 'web-1', node: 'pve1', "
                            + "server: 'lab'");
        }
    }

    @Test
    void ofProxmoxStatusOfSomeGuests(JenkinsRule jenkins) throws Exception {
        SnippetizerTester tester = new SnippetizerTester(jenkins);
        ProxmoxStatusStep some = new ProxmoxStatusStep();
        some.setTag("ci");
        some.setPool("builders");
        some.setStatus("running");
        tester.assertRoundTrip(some, "proxmoxStatus pool: 'builders', status: 'running', tag: 'ci'");
    }

    @Test
    void ofProxmoxApi(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            tester.assertRoundTrip(new ProxmoxApiStep("/version"), "proxmoxApi '/version'");

            ProxmoxApiStep whole = new ProxmoxApiStep("/nodes/pve1/vzdump");
            whole.setMethod("POST");
            whole.setParameters(Map.of("vmid", "100"));
            whole.setServer("lab");
            whole.setCredentialsId("ci");
            whole.setTimeout(60);
            whole.setWait(false);
            whole.setCancelTask(true);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxApi cancelTask: true, credentialsId: 'ci', method: 'POST', parameters: [vmid: '100'], "
                            + "path: '/nodes/pve1/vzdump', server: 'lab', timeout: 60, wait: false");
        }
    }

    /** A form sends texts. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ProxmoxVmStep     | {"action": "start", "vmid": "100", "name": ""} | proxmoxVm action: 'start', vmid: 100
            ProxmoxSnapshotStep | {"action": "list", "vmid": "100", "snapshot": "", "description": "", "ifExists": ""} \
                    | proxmoxSnapshot action: 'list', vmid: 100
            ProxmoxStatusStep | {"vmid": "100", "name": ""}                    | proxmoxStatus vmid: 100
            ProxmoxStatusStep | {"vmid": "", "name": ""}                       | proxmoxStatus()
            ProxmoxStatusStep | {"vmid": "", "tag": "ci", "pool": "", "status": ""} | proxmoxStatus tag: 'ci'
            ProxmoxApiStep    | {"method": "GET", "path": "/version", "parameters": ""} | proxmoxApi '/version'
            ProxmoxApiStep    | {"method": "PUT", "path": "/pools", "parameters": "a=1\\nb=x=y\\na=2"} | proxmoxApi method: 'PUT', parameters: [a: ['1', '2'], b: 'x=y'], path: '/pools'
            """)
    void readWhatTheirFormsSend(String step, String form, String snippet, JenkinsRule jenkins) throws Exception {
        JSONObject json = JSONObject.fromObject(form);
        json.put("stapler-class", getClass().getPackageName() + "." + step);
        json.put("$class", getClass().getPackageName() + "." + step);
        new SnippetizerTester(jenkins).assertGenerateSnippet(json.toString(), snippet, null);
    }

    @Test
    void readAnEmptyFormOfACloneAsNothing(JenkinsRule jenkins) throws Exception {
        JSONObject json = JSONObject.fromObject("""
                {"vmid": "100", "name": "", "snapshot": "", "onExit": "restore", "timeout": "", "template": "",
                 "keepOnFailure": false, "keepFor": "", "full": "", "tags": "", "cores": "", "sshKeys": ""}
                """);
        json.put("stapler-class", WithProxmoxVmStep.class.getName());
        json.put("$class", WithProxmoxVmStep.class.getName());
        new SnippetizerTester(jenkins)
                .assertGenerateSnippet(json.toString(), "withProxmoxVm(vmid: 100) {\n    // some block\n}", null);
    }

    @Test
    void areDocumentedInTheReferenceOfSteps(JenkinsRule jenkins) throws Exception {
        for (Class<? extends Step> step : List.of(
                ProxmoxVmStep.class,
                WithProxmoxVmStep.class,
                ProxmoxSnapshotStep.class,
                ProxmoxCloneStep.class,
                ProxmoxDeleteStep.class,
                ProxmoxExecStep.class,
                ProxmoxStatusStep.class,
                ProxmoxApiStep.class)) {
            SnippetizerTester.assertDocGeneration(step);
        }
    }
}
