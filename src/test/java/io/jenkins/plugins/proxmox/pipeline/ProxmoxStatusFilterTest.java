package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;

/** Which guests {@code proxmoxStatus} lists. */
@WithOneJenkins
@ParameterizedClass
@EnumSource(Generation.class)
class ProxmoxStatusFilterTest {

    @Parameter
    private Generation generation;

    private JenkinsRule jenkins;

    @AutoClose
    private ConfiguredProxmox lab;

    @BeforeEach
    void fillCluster(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start(generation);
        lab.proxmox.cluster().guest(100).tagged("ci;linux");
        lab.proxmox.cluster().guest(101).tagged("ci;web");
        lab.proxmox.cluster().guest(200).tagged("ci");
        lab.proxmox.access().pool("builders", 100);
        lab.proxmox.access().pool("builders", 101);
        lab.proxmox.access().pool("hidden", 102);
        lab.proxmox.access().pool("empty");
        lab.proxmox.access().role("pools", "Pool.Audit");
        for (String pool : List.of("builders", "empty")) {
            lab.proxmox.access().grant("/pool/" + pool, "jenkins@pve", "pools");
        }
    }

    private WorkflowRun run(Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    private void fails(String arguments, String message) throws Exception {
        jenkins.assertLogContains("ERROR: " + message, run(Result.FAILURE, "proxmoxStatus " + arguments));
    }

    @Test
    void listsTheGuestsThatMatchAll() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                def list(arguments) { proxmoxStatus(arguments).guests.collect { it.vmid } }
                echo "tag ${list(tag: 'ci')}"
                echo "tag in upper case ${list(tag: 'CI')}"
                echo "both tags ${list(tag: ['ci', 'web'])}"
                echo "pool ${list(pool: 'builders')}"
                echo "node ${list(node: 'pve2')}"
                echo "status ${list(status: 'running', pool: 'builders')}"
                echo "two states ${list(status: ['running', "${'stopped'}"], tag: 'ci', node: 'pve1')}"
                echo "two pools ${list(pool: ['empty', 'builders'])}"
                echo "empty pool ${list(pool: 'empty')}"
                echo "no match ${list(tag: 'ci', status: 'paused')}"
                echo "nothing given ${list(tag: '', pool: null, status: []).size()}"
                """);
        for (String line : List.of(
                "tag [100, 101, 200]",
                "tag in upper case [100, 101, 200]",
                "both tags [101]",
                "pool [100, 101]",
                "node [110]",
                "status [101]",
                "two states [100, 101, 200]",
                "two pools [100, 101]",
                "empty pool []",
                "no match []",
                "nothing given 14")) {
            jenkins.assertLogContains(line, run);
        }
        jenkins.assertLogContains("[Proxmox VE] 3 guests match", run);
        jenkins.assertLogContains("[Proxmox VE] One guest matches", run);
        jenkins.assertLogContains("[Proxmox VE] No guest matches", run);
    }

    @Test
    void returnsTagsPoolAndLock() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                def guests = proxmoxStatus().guests.collectEntries { [it.vmid, it] }
                echo "${guests[100].tags} ${guests[100].pool} ${guests[100].lock}"
                echo "${guests[102].tags} ${guests[102].pool} ${guests[103].lock}"
                """);
        jenkins.assertLogContains("[ci, linux] builders null", run);
        jenkins.assertLogContains("[] null backup", run);
    }

    @Test
    void namesWhatIsMissingForAPool() throws Exception {
        fails(
                "pool: 'hidden'",
                "There is no pool hidden that jenkins@pve!ci can see; it sees builders, empty. To see a pool and "
                        + "which guests are in it, the identity needs Pool.Audit on /pool/hidden.");
        ConfiguredProxmox.add(
                ConfiguredProxmox.token("operator", "jenkins@pve!operator", lab.example.operatorSecret()));
        fails(
                "pool: 'builders', credentialsId: 'operator'",
                "There is no pool builders that jenkins@pve!operator can see; it sees no pool at all.");
    }

    @Test
    void namesTheNodes() throws Exception {
        fails("node: 'pve9'", "There is no node pve9 in the cluster; it has pve1, pve2.");
    }

    @Test
    void refusesWhatMakesNoSenseAndSendsNothing() throws Exception {
        fails("status: 'runing'", "status: \"runing\" is not known. Did you mean running?");
        fails("tag: [:]", "tag: \"{}\" is neither a string nor a list of strings.");
        fails("vmid: 100, tag: 'ci'", "tag, pool and status choose guests from the list of a server.");
        fails("name: 'web-1', status: 'running'", "tag, pool and status choose guests from the list of a server.");
        assertThat(lab.requests(), is(0));
    }

    @Test
    void worksInADeclarativePipeline() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                pipeline {
                    agent none
                    stages {
                        stage('look') {
                            steps {
                                proxmoxStatus tag: 'ci', status: ['running', 'stopped'], node: 'pve1'
                            }
                        }
                    }
                }
                """);
        jenkins.assertLogContains("[Proxmox VE] 3 guests match", run);
    }
}
