package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.build.ControllerSignature;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;

/** {@code proxmoxClone} and {@code proxmoxDelete}. */
@WithOneJenkins
class ProxmoxCloneStepTest {

    private static WorkflowRun run(JenkinsRule jenkins, Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    private static ConfiguredProxmox start(Generation generation) throws Exception {
        ConfiguredProxmox lab = ConfiguredProxmox.start(generation);
        lab.proxmox.access().role("Builder", "VM.Allocate,VM.Clone,Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "Builder");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "Builder");
        lab.proxmox.cluster().vm(9000, "pve1", "golden").template().configured("tags", "debian");
        lab.proxmox.cluster().container(9001, "pve1", "golden-ct").template();
        return lab;
    }

    @ParameterizedTest
    @CsvSource({"V8, 9000, qemu", "V9, 9000, qemu", "V8, 9001, lxc", "V9, 9001, lxc"})
    void makesAMarkedGuestAndDeletesIt(Generation generation, int template, String type, JenkinsRule jenkins)
            throws Exception {
        try (ConfiguredProxmox lab = start(generation)) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def vm = proxmoxClone template: %d, name: "build-${env.BUILD_NUMBER}", full: true, cores: 2,
                        memory: '2048', diskSize: '32G', tags: ['ci', 'Linux'], description: 'of a test', start: true
                    echo "made ${vm.vmid} ${vm.name} ${vm.node} ${vm.type} ${vm.status} ${vm.changed}"
                    def refused = ''
                    try { proxmoxDelete vmid: vm.vmid } catch (e) { refused = e.message }
                    echo "refused: ${refused}"
                    echo "kept ${proxmoxStatus(vmid: vm.vmid).status}"
                    def gone = proxmoxDelete vmid: vm.vmid, stop: true
                    echo "gone ${gone.vmid} ${gone.name} ${gone.status} ${gone.changed}"
                    def again = proxmoxDelete vmid: vm.vmid, ifMissing: 'ignore'
                    echo "again ${again.vmid} ${again.status} ${again.changed}"
                    """.formatted(template));
            jenkins.assertLogContains("made 107 build-1 pve1 " + type + " running true", run);
            jenkins.assertLogContains("it is running. Set stop: true to stop it first.", run);
            jenkins.assertLogContains("kept running", run);
            jenkins.assertLogContains("gone 107 build-1 absent true", run);
            jenkins.assertLogContains("again 107 absent false", run);
            assertThat(lab.proxmox.cluster().guest(107), is(nullValue()));
        }
    }

    /** In the log every ten seconds at most. */
    @Test
    void showsHowFarAFullCloneIs(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(Generation.V9)) {
            lab.proxmox.cluster().taskTakes("qmclone", Duration.ofSeconds(15));
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition("proxmoxClone template: 9000, full: true", true));
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            Eventually.holds("the status of the step has it", () -> {
                FlowExecution execution = run.getExecution();
                return execution != null
                        && execution.getCurrentExecutions(true).get().stream()
                                .anyMatch(
                                        step -> String.valueOf(step.getStatus()).matches("(?s).*\\d+\\.\\d+ %.*"));
            });
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            long lines = JenkinsRule.getLog(run)
                    .lines()
                    .filter(line -> line.matches(".*qmclone: \\d+\\.\\d+ %"))
                    .count();
            assertThat(lines, is(allOf(greaterThanOrEqualTo(1L), lessThanOrEqualTo(2L))));
        }
    }

    @Test
    void writesWhoMadeTheCloneIntoItsDescription(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(Generation.V9)) {
            WorkflowRun run = run(
                    jenkins, Result.SUCCESS, "proxmoxClone template: 'golden', tags: 'ci, linux', description: 'mine'");
            SimulatedGuest clone = lab.proxmox.cluster().guest(107);
            assertThat(clone.configured("tags"), is("ci;debian;jenkins;linux"));
            CloneMark mark = CloneMark.in(clone.configured("description"));
            assertThat(mark.controller(), is(new ControllerSignature().controller()));
            assertThat(mark.isSignedBy(new ControllerSignature()), is(true));
            assertThat(mark.job(), is(run.getParent().getFullName()));
            assertThat(mark.build(), is(1));
            assertThat(mark.vmid(), is(107));
            assertThat("meant to stay", mark.lease(), is(false));
            assertThat(Duration.between(mark.made(), Instant.now()).toMinutes(), is(0L));
            assertThat(mark.url(), is(jenkins.getURL() + run.getUrl()));
            assertThat(clone.configured("description"), containsString("mine"));
        }
    }

    @Test
    void deletesOnlyWhatThisControllerMadeUnlessForced(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(Generation.V9)) {
            String foreign = new CloneMark("decaf", "other", 7, "", "x", false, null, null).after("");
            lab.proxmox.cluster().vm(300, "pve1", "foreign").configured("description", foreign);
            for (String refused : List.of("100", "300", "9000")) {
                WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxDelete vmid: " + refused);
                jenkins.assertLogContains("Set force: true to delete it all the same.", run);
            }
            assertThat(lab.proxmox.writes(), is(empty()));
            run(jenkins, Result.SUCCESS, "proxmoxClone template: 9000, vmid: 555");
            String copied = lab.proxmox.cluster().guest(555).configured("description");
            lab.proxmox.cluster().vm(301, "pve1", "copy").configured("description", copied);
            WorkflowRun refused = run(jenkins, Result.FAILURE, "proxmoxDelete vmid: 301");
            jenkins.assertLogContains("it is a copy of guest 555, a clone that Jenkins made", refused);
            lab.proxmox.cluster().guest(301).configured("description", copied.replace("555", "301"));
            refused = run(jenkins, Result.FAILURE, "proxmoxDelete vmid: 301");
            jenkins.assertLogContains("that this Jenkins controller has not signed", refused);
            run(jenkins, Result.SUCCESS, "proxmoxDelete vmid: 300, force: true");
            assertThat(lab.proxmox.cluster().guest(300), is(nullValue()));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            proxmoxClone template: ''                                | template: name the guest to clone, by its VMID or its name.
            proxmoxClone template: 9000, name: 'a_b'                 | name: "a_b" cannot be the name of a guest.
            proxmoxClone template: 9000, vmid: 5                     | vmid: "5" is not a VMID
            proxmoxClone template: 9000, cores: 'many'               | cores: "many" is not a whole number from 1 to 1024.
            proxmoxClone template: 9000, diskSize: '+10G'            | diskSize: "+10G" is not a size.
            proxmoxClone template: 9000, tags: 'ok,not ok!'          | tags: "ok!" cannot be a tag.
            proxmoxClone template: 9000, full: 'perhaps'             | full: "perhaps" is neither true nor false
            proxmoxClone template: 9000, full: false, storage: 'nfs' | storage: a linked clone is on the storage of its template.
            proxmoxClone template: 9000, snapshot: '1st'             | snapshot: "1st" cannot be the name of a snapshot.
            proxmoxClone template: 9000, sshKeys: 'secret'           | sshKeys: "secret" is not a public SSH key.
            proxmoxClone template: 9000, ipConfig: '10.0.0.1'        | ipConfig: "10.0.0.1" is not understood.
            proxmoxClone template: 9000, snapshot: 'clean'           | it has no snapshot clean, and no other one.
            proxmoxClone template: 9000, ciUser: 'jenkins'           | it has no cloud-init drive
            proxmoxClone template: 9001, ciUser: 'jenkins'           | containers have no cloud-init.
            proxmoxClone template: 101, full: false                  | a linked clone needs a template or a snapshot, and it is no template.
            proxmoxClone template: 201                               | a running container can only be cloned from a snapshot.
            proxmoxClone tempalte: 9000                              | There is no parameter "tempalte". Did you mean template?
            proxmoxDelete vmid: 100, ifMissing: 'never'              | ifMissing
            proxmoxDelete()                                          | vmid
            """)
    void refusesWhatCannotBeRight(String script, String message, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(Generation.V9)) {
            jenkins.assertLogContains(message, run(jenkins, Result.FAILURE, script));
            assertThat(lab.proxmox.writes(), is(empty()));
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void removesTheCloneOfAnAbortedBuild(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(generation)) {
            lab.proxmox.cluster().taskTakes("qmclone", Duration.ofHours(1));
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition("proxmoxClone template: 9000, full: true", true));
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            jenkins.waitForMessage("Requested clone of VM 9000", run);
            assertThat(lab.proxmox.cluster().guest(107), is(notNullValue()));
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            Eventually.holds(
                    "the half-made clone goes", () -> lab.proxmox.cluster().guest(107) == null);
        }
    }

    /** The request is carried out although nobody waits for its answer any more. */
    @ParameterizedTest
    @CsvSource({"V8, 9000", "V9, 9001"})
    void removesTheCloneOfABuildThatIsAbortedBeforeTheAnswer(Generation generation, int template, JenkinsRule jenkins)
            throws Exception {
        try (ConfiguredProxmox lab = start(generation)) {
            CountDownLatch answer = new CountDownLatch(1);
            lab.proxmox.inject(request -> request.path().endsWith("/clone"), new Fault.HoldAnswer(answer));
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition("proxmoxClone template: " + template + ", full: true", true));
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            Eventually.holds("it is made", () -> lab.proxmox.cluster().guest(107) != null);
            run.doStop();
            answer.countDown();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            assertThat(lab.proxmox.cluster().guest(107), is(nullValue()));
        }
    }

    @Test
    void saysThatTheStorageIsFullAndLeavesNothingBehind(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(Generation.V9)) {
            lab.proxmox.cluster().storage("local").full();
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxClone template: 9000, full: true");
            jenkins.assertLogContains("No space left on device", run);
            assertThat(lab.proxmox.cluster().guest(107), is(nullValue()));
        }
    }

    @Test
    void removesTheCloneThatDoesNotStart(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(Generation.V9)) {
            lab.proxmox.cluster().guest(9000).failsToStart("no such bridge");
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxClone template: 9000, start: true");
            jenkins.assertLogContains("no such bridge", run);
            jenkins.assertLogContains("VM 107 (Copy-of-VM-golden) is deleted, confirmed", run);
            assertThat(lab.proxmox.cluster().guest(107), is(nullValue()));
        }
    }
}
