package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jenkinsci.plugins.structs.describable.DescribableModel;
import org.jenkinsci.plugins.structs.describable.DescribableParameter;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;

/** The page {@code docs/steps.md} names every parameter and every returned field, and none that there is not. */
@WithOneJenkins
class StepsPageTest {

    private static final Pattern NAME = Pattern.compile("`([A-Za-z]+)`");

    private static String section(String step) throws Exception {
        Matcher section = Pattern.compile("\n## " + step + "\n(.*?)(?=\n## )", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("docs/steps.md")));
        assertThat(step + " has a section", section.find(), is(true));
        return section.group(1);
    }

    /** What the first column of the table below {@code heading} names, the nth of them in the section. */
    private static Set<String> firstColumn(String section, String heading, int which) {
        Matcher table = Pattern.compile("\\| " + heading + " \\|.*\n\\|[ -|]+\n((?:\\|.*\n?)+)")
                .matcher(section);
        for (int i = 0; i <= which; i++) {
            assertThat("table of " + heading, table.find(), is(true));
        }
        return table.group(1)
                .lines()
                .map(row -> row.split("\\|")[1])
                .flatMap(cell -> NAME.matcher(cell).results().map(match -> match.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> parameters(Class<? extends Step> step) {
        return DescribableModel.of(step).getParameters().stream()
                .map(DescribableParameter::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void namesTheParametersOfProxmoxVm(JenkinsRule jenkins) throws Exception {
        assertThat(firstColumn(section("proxmoxVm"), "parameter", 0), is(parameters(ProxmoxVmStep.class)));
    }

    @Test
    void namesTheParametersOfProxmoxExec(JenkinsRule jenkins) throws Exception {
        assertThat(firstColumn(section("proxmoxExec"), "parameter", 0), is(parameters(ProxmoxExecStep.class)));
    }

    @Test
    void namesTheParametersOfWithProxmoxVm(JenkinsRule jenkins) throws Exception {
        assertThat(firstColumn(section("withProxmoxVm"), "parameter", 0), is(parameters(WithProxmoxVmStep.class)));
    }

    @Test
    void namesTheParametersOfProxmoxSnapshot(JenkinsRule jenkins) throws Exception {
        assertThat(firstColumn(section("proxmoxSnapshot"), "parameter", 0), is(parameters(ProxmoxSnapshotStep.class)));
    }

    @Test
    void namesTheParametersOfProxmoxClone(JenkinsRule jenkins) throws Exception {
        assertThat(firstColumn(section("proxmoxClone"), "parameter", 0), is(parameters(ProxmoxCloneStep.class)));
    }

    @Test
    void namesTheParametersOfProxmoxDelete(JenkinsRule jenkins) throws Exception {
        assertThat(firstColumn(section("proxmoxDelete"), "parameter", 0), is(parameters(ProxmoxDeleteStep.class)));
    }

    @Test
    void namesTheParametersOfProxmoxApi(JenkinsRule jenkins) throws Exception {
        assertThat(firstColumn(section("proxmoxApi"), "parameter", 0), is(parameters(ProxmoxApiStep.class)));
    }

    @Test
    void namesTheParametersOfProxmoxStatus(JenkinsRule jenkins) throws Exception {
        String section = section("proxmoxStatus");
        String sentence =
                section.substring(section.indexOf("Parameters:"), section.indexOf("what the identity may do"));
        Set<String> named = NAME.matcher(sentence.replace("`checkPermissions: true`", "`checkPermissions`")
                        .replace("`addresses: true`", "`addresses`")
                        .replaceAll("\\[[^]]*]\\([^)]*\\)", ""))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(named, is(parameters(ProxmoxStatusStep.class)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            proxmoxVm     | 0 | proxmoxVm(action: 'start', vmid: 100)
            proxmoxSnapshot | 0 | proxmoxSnapshot(action: 'create', vmid: 100, snapshot: 'clean')
            proxmoxSnapshot | 1 | proxmoxSnapshot(action: 'list', vmid: 101)[0]
            proxmoxStatus | 0 | proxmoxStatus(vmid: 100, checkPermissions: true, addresses: true)
            proxmoxStatus | 1 | proxmoxStatus()
            """)
    void namesTheFieldsThatAStepReturns(String step, int table, String call, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(101).snapshot("clean");
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition("echo \"fields=${" + call + ".keySet().join(',')}.\"", true));
            WorkflowRun run = jenkins.buildAndAssertSuccess(job);
            Matcher fields = Pattern.compile("fields=([A-Za-z,]+)\\.").matcher(JenkinsRule.getLog(run));
            assertThat(fields.find(), is(true));
            assertThat(lab.requests() > 0, is(true));
            assertThat(
                    firstColumn(section(step), "field", table),
                    is(new TreeSet<>(Set.of(fields.group(1).split(",")))));
        }
    }
}
