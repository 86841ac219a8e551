package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.build.GuestTimeline;
import io.jenkins.plugins.proxmox.build.TimelineEntry;
import io.jenkins.plugins.proxmox.build.TimelineEntry.Outcome;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvnet.hudson.test.JenkinsRule;

@WithOneJenkins
class ProxmoxSnapshotStepTest {

    private static final String WHOLE_LIFE = """
            def made = proxmoxSnapshot action: 'create', vmid: %1$d, snapshot: 'clean', description: 'before the tests'
            echo "made ${made.vmid} ${made.name} ${made.node} ${made.type} ${made.status} ${made.changed} \
            ${made.upid.startsWith('UPID:pve1:')} ${made.durationMillis > 0}"
            proxmoxSnapshot action: 'create', vmid: %1$d, snapshot: 'second'
            for (each in proxmoxSnapshot(action: 'list', vmid: %1$d)) {
                echo "listed ${each.name}|${each.description}|${each.parent}|${each.taken > 1700000000}|\
            ${each.memory}|${each.current}|${each.unfinished}"
            }
            def back = proxmoxSnapshot action: 'rollback', vmid: %1$d, snapshot: 'clean'
            echo "back ${back.status} ${back.changed}"
            def started = proxmoxSnapshot action: 'rollback', vmid: %1$d, snapshot: 'clean', start: true
            echo "started ${started.status} ${started.changed} ${started.upid.contains('start')}"
            def gone = proxmoxSnapshot action: 'delete', vmid: %1$d, snapshot: 'second'
            echo "gone ${gone.status} ${gone.changed} ${proxmoxSnapshot(action: 'list', vmid: %1$d)*.name}"
            """;

    private static WorkflowJob job(JenkinsRule jenkins, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job;
    }

    private static WorkflowRun run(JenkinsRule jenkins, Result result, String script) throws Exception {
        return jenkins.buildAndAssertStatus(result, job(jenkins, script));
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void createsListsRollsBackAndDeletes(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            WorkflowRun vm = run(jenkins, Result.SUCCESS, WHOLE_LIFE.formatted(101));
            jenkins.assertLogContains("made 101 web-1 pve1 qemu running true true true", vm);
            assertWholeLife(jenkins, vm);
            jenkins.assertLogContains("VM 101 (web-1) on node pve1 has 2 snapshots: clean, second", vm);
            jenkins.assertLogContains("[Proxmox VE] Requested snapshot of VM 101 (web-1): UPID:pve1:", vm);
            jenkins.assertLogContains("VM 101 (web-1) is running, with snapshot clean on node pve1, confirmed", vm);
            jenkins.assertLogContains("VM 101 (web-1) is stopped, back at snapshot clean on node pve1", vm);
            jenkins.assertLogContains("VM 101 (web-1) is running, without snapshot second on node pve1", vm);
            assertThat(
                    lab.proxmox.writes(),
                    is(List.of(
                            "POST /nodes/pve1/qemu/101/snapshot",
                            "POST /nodes/pve1/qemu/101/snapshot",
                            "POST /nodes/pve1/qemu/101/snapshot/clean/rollback",
                            "POST /nodes/pve1/qemu/101/snapshot/clean/rollback",
                            "POST /nodes/pve1/qemu/101/status/start",
                            "DELETE /nodes/pve1/qemu/101/snapshot/second")));

            WorkflowRun container = run(jenkins, Result.SUCCESS, WHOLE_LIFE.formatted(201));
            jenkins.assertLogContains("made 201 cache pve1 lxc running true true true", container);
            assertWholeLife(jenkins, container);
            assertThat(
                    lab.proxmox.cluster().taskTypes(201),
                    is(List.of("vzsnapshot", "vzsnapshot", "vzrollback", "vzrollback", "vzstart", "vzdelsnapshot")));
        }
    }

    private static void assertWholeLife(JenkinsRule jenkins, WorkflowRun run) throws Exception {
        jenkins.assertLogContains("listed clean|before the tests|null|true|false|false|false", run);
        jenkins.assertLogContains("listed second||clean|true|false|true|false", run);
        jenkins.assertLogContains("back stopped true", run);
        jenkins.assertLogContains("started running true true", run);
        jenkins.assertLogContains("gone running true [clean]", run);
    }

    @Test
    void comesBackToTheMemoryOfAMachineWhichThenRunsAlready(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    proxmoxSnapshot action: 'create', name: 'web-1', snapshot: 'warm', memory: true
                    echo "memory ${proxmoxSnapshot(action: 'list', name: 'web-1')[0].memory}"
                    proxmoxVm action: 'stop', vmid: 101
                    def back = proxmoxSnapshot action: 'rollback', vmid: '101', snapshot: 'warm', start: 'true'
                    echo "back ${back.status} ${back.changed} ${back.upid.contains('qmrollback')}"
                    """);
            jenkins.assertLogContains("memory true", run);
            jenkins.assertLogContains("back running true true", run);
            jenkins.assertLogContains("VM 101 (web-1) is already running, nothing to do", run);
            assertThat(lab.proxmox.cluster().taskTypes(101), is(List.of("qmsnapshot", "qmstop", "qmrollback")));
        }
    }

    @Test
    void keepsOrReplacesWhatExistsAndIgnoresWhatIsMissing(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(100).snapshot("clean");
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def kept = proxmoxSnapshot action: 'create', vmid: 100, snapshot: 'clean', ifExists: 'keep'
                    echo "kept ${kept.changed} ${kept.upid}"
                    def none = proxmoxSnapshot action: 'delete', vmid: 100, snapshot: 'gone', ifMissing: 'ignore'
                    echo "ignored ${none.changed} ${none.upid}"
                    def same = proxmoxSnapshot action: 'rollback', vmid: 100, snapshot: 'gone', ifMissing: 'ignore'
                    echo "same ${same.changed} ${same.status}"
                    """);
            jenkins.assertLogContains("kept false null", run);
            jenkins.assertLogContains("VM 100 (build-agent): it already has snapshot clean, nothing to do", run);
            jenkins.assertLogContains("ignored false null", run);
            jenkins.assertLogContains("VM 100 (build-agent): it has no snapshot gone, nothing to do", run);
            jenkins.assertLogContains("same false stopped", run);
            assertThat(lab.proxmox.writes(), is(empty()));

            WorkflowRun replaced = run(
                    jenkins,
                    Result.SUCCESS,
                    "def r = proxmoxSnapshot action: 'create', vmid: 100, snapshot: 'clean', description: 'new', "
                            + "ifExists: 'replace'\necho \"replaced ${r.changed} ${r.upid.contains('qmsnapshot')}\"\n"
                            + "echo \"now ${proxmoxSnapshot(action: 'list', vmid: 100)*.description}\"");
            jenkins.assertLogContains("replaced true true", replaced);
            jenkins.assertLogContains("now [new]", replaced);
            assertThat(lab.proxmox.cluster().taskTypes(100), contains("qmdelsnapshot", "qmsnapshot"));
            replaced.reload();
            List<TimelineEntry> entries =
                    replaced.getAction(GuestTimeline.class).getEntries();
            assertThat(entries.stream().map(TimelineEntry::getAction).toList(), contains("delsnapshot", "snapshot"));
            assertThat(
                    entries.stream().map(TimelineEntry::getOutcome).toList(),
                    contains(Outcome.CHANGED, Outcome.CHANGED));
            assertThat(entries.get(1).getUpid(), containsString("qmsnapshot"));

            WorkflowRun none =
                    run(jenkins, Result.SUCCESS, "echo \"none ${proxmoxSnapshot(action: 'list', vmid: 200)}\"");
            jenkins.assertLogContains("CT 200 (proxy) on node pve1 has no snapshots", none);
            jenkins.assertLogContains("none []", none);
            WorkflowRun first = run(
                    jenkins,
                    Result.SUCCESS,
                    "proxmoxSnapshot action: 'create', vmid: 200, snapshot: 'clean', ifExists: 'replace'");
            jenkins.assertLogContains("CT 200 (proxy): it has no snapshot clean, nothing to do", first);
            assertThat(lab.proxmox.cluster().guest(200).snapshots(), contains("clean"));
        }
    }

    private static void assertFails(JenkinsRule jenkins, String arguments, String message) throws Exception {
        WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxSnapshot " + arguments);
        jenkins.assertLogContains("ERROR: " + message, run);
        assertThat(JenkinsRule.getLog(run), not(containsString("\tat ")));
    }

    @Test
    void refusesInOneLineWhatMakesNoSense(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            String rule = " It consists of 2 to 40 letters, digits, underscores and hyphens, and begins with a letter.";
            for (String[] each : new String[][] {
                {"vmid: 100, snapshot: 'clean'", "action is missing. Use one of create, rollback, delete, list."},
                {"action: 'crate', vmid: 100, snapshot: 'clean'", "action: \"crate\" is not known. Did you mean create?"
                },
                {
                    "action: 'create', vmid: 100, snapshots: 'clean'",
                    "There is no parameter \"snapshots\". Did you mean snapshot?"
                },
                {"action: 'create', snapshot: 'clean'", "No guest is given: set vmid: 100 or name: 'web-1'."},
                {"action: 'create', vmid: 100", "snapshot: name a snapshot."},
                {"action: 'delete', vmid: 100, snapshot: ' '", "snapshot: name a snapshot."},
                {
                    "action: 'create', vmid: 100, snapshot: 'a'",
                    "snapshot: \"a\" cannot be the name of a snapshot." + rule
                },
                {"action: 'rollback', vmid: 100, snapshot: '1st'", "snapshot: \"1st\" cannot be the name"},
                {"action: 'delete', vmid: 100, snapshot: '../config'", "snapshot: \"../config\" cannot be the name"},
                {"action: 'create', vmid: 100, snapshot: 'a' * 41", "snapshot: \"" + "a".repeat(41) + "\" cannot be"},
                {"action: 'create', vmid: 100, snapshot: 'current'", "snapshot: \"current\" is the name of the guest's"
                },
                {
                    "action: 'list', vmid: 100, snapshot: 'clean'",
                    "snapshot has no effect with action: 'list'. Leave it out."
                },
                {
                    "action: 'rollback', vmid: 100, snapshot: 'clean', memory: true",
                    "memory has no effect with action: 'rollback'. Leave it out."
                },
                {"action: 'delete', vmid: 100, snapshot: 'clean', description: 'x'", "description has no effect with"},
                {"action: 'delete', vmid: 100, snapshot: 'clean', start: true", "start has no effect with action"},
                {"action: 'rollback', vmid: 100, snapshot: 'clean', ifExists: 'keep'", "ifExists has no effect with"},
                {"action: 'create', vmid: 100, snapshot: 'clean', ifMissing: 'fail'", "ifMissing has no effect with"},
                {
                    "action: 'create', vmid: 100, snapshot: 'clean', ifExists: 'replce'",
                    "ifExists: \"replce\" is not known. Did you mean replace?"
                },
                {
                    "action: 'delete', vmid: 100, snapshot: 'clean', ifMissing: 'skip'",
                    "ifMissing: \"skip\" is not known. Use one of fail, ignore."
                },
                {
                    "action: 'create', vmid: 100, snapshot: 'clean', memory: 'maybe'",
                    "memory: \"maybe\" is neither true nor false."
                },
                {
                    "action: 'create', vmid: 100, snapshot: 'clean', description: 'x' * 8193",
                    "description: it has 8193 characters; Proxmox VE allows 8192."
                }
            }) {
                assertFails(jenkins, each[0], each[1]);
                assertThat(each[0], lab.requests(), is(0));
            }
        }
    }

    @Test
    void refusesWhatTheGuestDoesNotAllowAndSendsNothing(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(101).snapshot("clean");
            lab.proxmox.cluster().guest(100).snapshot("good");
            lab.proxmox.cluster().guest(201).snapshot("good");
            for (String[] each : new String[][] {
                {
                    "action: 'create', vmid: 101, snapshot: 'clean'",
                    "Cannot create snapshot clean of VM 101 (web-1): it already has a snapshot clean. "
                            + "Choose another name, or set ifExists to keep or replace."
                },
                {
                    "action: 'rollback', vmid: 101, snapshot: 'dirty'",
                    "Cannot roll back VM 101 (web-1) to snapshot dirty: it has no snapshot dirty, only clean."
                },
                {"action: 'delete', vmid: 101, snapshot: 'dirty'", "Cannot delete snapshot dirty of VM 101 (web-1): it"
                },
                {
                    "action: 'create', vmid: 900, snapshot: 'clean'",
                    "Cannot create snapshot clean of VM 900 (debian-template): it is a template, which has no snapshots."
                },
                {
                    "action: 'create', vmid: 201, snapshot: 'clean', memory: true",
                    "Cannot create snapshot clean of CT 201 (cache): the memory of a container cannot be saved."
                },
                {
                    "action: 'create', vmid: 100, snapshot: 'clean', memory: true",
                    "Cannot create snapshot clean of VM 100 (build-agent): it is stopped, so it has no memory to save."
                },
                {
                    "action: 'create', vmid: 100, snapshot: 'good', memory: true, ifExists: 'replace'",
                    "Cannot replace snapshot good of VM 100 (build-agent): it is stopped, so it has no memory to save."
                },
                {
                    "action: 'create', vmid: 201, snapshot: 'good', memory: true, ifExists: 'replace'",
                    "Cannot replace snapshot good of CT 201 (cache): the memory of a container cannot be saved."
                },
                {
                    "action: 'create', vmid: 201, snapshot: 'vzdump'",
                    "Cannot create snapshot vzdump of CT 201 (cache): Proxmox VE uses the name vzdump itself"
                }
            }) {
                assertFails(jenkins, each[0], each[1]);
            }
            assertThat(lab.proxmox.writes(), is(empty()));
            assertThat(lab.proxmox.cluster().guest(100).snapshots(), is(List.of("good")));
            assertThat(lab.proxmox.cluster().guest(201).snapshots(), is(List.of("good")));
            lab.proxmox.cluster().guest(101).withoutSnapshots();
            assertFails(
                    jenkins,
                    "action: 'create', vmid: 101, snapshot: 'other'",
                    "Could not create snapshot other of VM 101 (web-1) on node pve1: task UPID:pve1:");
        }
    }

    @Test
    void explainsWhatTheIdentityLacks(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("auditor", "auditor@pve!ci", lab.example.auditorSecret()));
            lab.proxmox.cluster().guest(100).snapshot("clean");
            WorkflowRun create = run(
                    jenkins,
                    Result.FAILURE,
                    "proxmoxSnapshot action: 'create', vmid: 100, snapshot: 'other', credentialsId: 'auditor'");
            jenkins.assertLogContains("403 Permission check failed (/vms/100, VM.Snapshot)", create);
            jenkins.assertLogContains("pveum role add JenkinsSnapshot --privs 'VM.Audit VM.Snapshot'", create);
            jenkins.assertLogContains(
                    "does not let auditor@pve!ci do this: it requires VM.Snapshot on /vms/100.", create);
            WorkflowRun rollback = run(
                    jenkins,
                    Result.FAILURE,
                    "proxmoxSnapshot action: 'rollback', vmid: 100, snapshot: 'clean', start: true, "
                            + "credentialsId: 'auditor'");
            jenkins.assertLogContains(
                    "pveum role add JenkinsRollbackStart --privs 'VM.Audit VM.PowerMgmt VM.Snapshot.Rollback'",
                    rollback);
            WorkflowRun list = run(
                    jenkins,
                    Result.SUCCESS,
                    "echo \"seen ${proxmoxSnapshot(action: 'list', vmid: 100, credentialsId: 'auditor').size()}\"");
            jenkins.assertLogContains("seen 1", list);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void canBeAbortedWhileItWaits(boolean cancelTask, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SimulatedGuest guest = lab.proxmox.cluster().guest(101);
            lab.proxmox.cluster().taskTakes("qmsnapshot", Duration.ofHours(1));
            WorkflowRun run = job(
                            jenkins,
                            "proxmoxSnapshot action: 'create', vmid: 101, snapshot: 'clean', ifExists: 'replace', "
                                    + "cancelTask: " + cancelTask)
                    .scheduleBuild2(0)
                    .waitForStart();
            jenkins.waitForMessage("Requested snapshot of VM 101", run);
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            if (cancelTask) {
                Eventually.holds("its task is cancelled", () -> guest.lock() == null);
                assertThat(guest.snapshots(), is(empty()));
                jenkins.waitForMessage("was cancelled", run);
            } else {
                assertThat(guest.lock(), is("snapshot"));
                lab.proxmox.cluster().endTasks(101);
                assertThat(guest.lock(), is(nullValue()));
                assertThat(guest.snapshots(), contains("clean"));
            }
            assertThat(lab.proxmox.cluster().taskTypes(101), contains("qmsnapshot"));
        }
    }

    @Test
    void worksInADeclarativePipeline(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(100).snapshot("clean");
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    pipeline {
                        agent none
                        parameters {
                            string(name: 'VMID', defaultValue: '100')
                            string(name: 'START', defaultValue: ' true ')
                            string(name: 'NOTHING', defaultValue: '')
                        }
                        stages {
                            stage('Reset') {
                                steps {
                                    proxmoxSnapshot action: 'rollback', vmid: params.VMID, snapshot: 'clean', \
                    start: params.START, memory: params.NOTHING, ifMissing: params.NOTHING, description: ' ', timeout: '60'
                                }
                            }
                        }
                        post {
                            always { proxmoxSnapshot action: 'list', vmid: 100 }
                        }
                    }
                    """);
            jenkins.assertLogContains("VM 100 (build-agent) is running on node pve1, confirmed", run);
            jenkins.assertLogContains("VM 100 (build-agent) on node pve1 has one snapshot: clean", run);
        }
    }
}
