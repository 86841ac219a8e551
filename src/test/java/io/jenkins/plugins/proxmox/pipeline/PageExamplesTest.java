package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jenkinsci.plugins.pipeline.modeldefinition.parser.Converter;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.jvnet.hudson.test.JenkinsRule;

/** The examples of some pages work as they are printed there. */
@WithOneJenkins
class PageExamplesTest {

    private static final Pattern EXAMPLE = Pattern.compile("```groovy\n(.*?)```", Pattern.DOTALL);

    private static List<String> examples(String page) throws IOException {
        return EXAMPLE.matcher(Files.readString(Path.of("docs", page)))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static Stream<String> examples() throws IOException {
        List<String> examples = new ArrayList<>();
        for (String page : List.of("steps.md", "guests.md", "getting-started.md")) {
            examples.addAll(examples(page));
        }
        return examples.stream();
    }

    /** A shell, and what it would call, is not on every machine that runs this test. */
    private static boolean needsAShell(String example) {
        return example.contains("sh '");
    }

    static List<String> examplesThatRun() throws IOException {
        return examples().filter(example -> !needsAShell(example)).toList();
    }

    static List<String> otherExamples() throws IOException {
        return examples().filter(PageExamplesTest::needsAShell).toList();
    }

    @Test
    void areFound() throws IOException {
        assertThat(examples("steps.md"), hasSize(greaterThan(7)));
        assertThat(examples("guests.md"), hasSize(greaterThan(4)));
        assertThat(examples("getting-started.md"), is(not(empty())));
        assertThat(otherExamples(), hasSize(2));
    }

    @ParameterizedTest
    @MethodSource("examplesThatRun")
    void runInTheSandbox(String example, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            prepare(lab);
            jenkins.buildAndAssertSuccess(job(example, jenkins));
            assertThat(lab.requests(), is(greaterThan(0)));
        }
    }

    @ParameterizedTest
    @MethodSource("otherExamples")
    void passTheChecksOfTheEditor(String example, JenkinsRule jenkins) throws Exception {
        assertThat(
                jenkins.jenkins
                        .getDescriptorByType(CpsFlowDefinition.DescriptorImpl.class)
                        .doCheckScriptCompile(job(example, jenkins), example)
                        .toString(),
                containsString("\"status\":\"success\""));
        if (example.startsWith("pipeline {")) {
            assertThat(Converter.scriptToPipelineDef(example).getStages().getStages(), is(not(empty())));
        }
    }

    /** The pool, the rights and the rules that examples assume. */
    private static void prepare(ConfiguredProxmox lab) {
        lab.proxmox.access().pool("builders", 100);
        lab.proxmox.access().role("pools", "Pool.Audit");
        lab.proxmox.access().grant("/pool/builders", "jenkins@pve", "pools");
        lab.proxmox.access().pool("ci");
        lab.proxmox.cluster().guest(100).snapshot("clean");
        lab.proxmox
                .cluster()
                .vm(901, "pve1", "cloud-template")
                .template()
                .configured("ide2", "local:901/vm-901-cloudinit.qcow2,media=cdrom");
        lab.proxmox.access().role("builder", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "builder");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "builder");
        lab.proxmox.inject(
                request -> request.path().endsWith("/vzdump"),
                new Fault.Answer(200, "OK", "application/json", "{\"data\":null}"));
        ProxmoxConfiguration.get()
                .getServers()
                .get(0)
                .setApiRules(List.of("GET /nodes/*/qemu/*/config", "POST /nodes/*/vzdump"));
    }

    private static WorkflowJob job(String example, JenkinsRule jenkins) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(example, true));
        return job;
    }
}
