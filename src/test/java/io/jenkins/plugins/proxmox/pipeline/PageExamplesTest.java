package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** The examples of {@code docs/steps.md} and {@code docs/getting-started.md} work as they are printed there. */
@WithJenkins
class PageExamplesTest {

    private static final Pattern EXAMPLE = Pattern.compile("```groovy\n(.*?)```", Pattern.DOTALL);

    private static List<String> examples(String page) throws IOException {
        return EXAMPLE.matcher(Files.readString(Path.of("docs", page)))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static Stream<String> examples() throws IOException {
        return Stream.concat(examples("steps.md").stream(), examples("getting-started.md").stream());
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
        assertThat(examples("getting-started.md"), is(not(empty())));
        assertThat(otherExamples(), hasSize(2));
    }

    @ParameterizedTest
    @MethodSource("examplesThatRun")
    void runInTheSandbox(String example, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
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

    private static WorkflowJob job(String example, JenkinsRule jenkins) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(example, true));
        return job;
    }
}
