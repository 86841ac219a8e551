package io.jenkins.plugins.proxmox.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import com.cloudbees.hudson.plugins.folder.Folder;
import hudson.model.FreeStyleProject;
import hudson.model.Result;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** A server that is limited to folders serves the jobs in them and no others. */
@WithJenkins
class FolderLimitTest {

    private JenkinsRule jenkins;
    private Folder team;
    private Folder below;

    @BeforeEach
    void makeFolders(JenkinsRule rule) throws Exception {
        jenkins = rule;
        team = jenkins.createProject(Folder.class, "team-a");
        below = team.createProject(Folder.class, "deploy");
    }

    private static void limit(String... serversAndPatterns) throws Exception {
        List<ProxmoxServer> servers = ProxmoxConfiguration.get().getServers();
        for (int i = 0; i < serversAndPatterns.length; i += 2) {
            String name = serversAndPatterns[i];
            servers.stream()
                    .filter(server -> server.getName().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .setFolders(List.of(serversAndPatterns[i + 1]));
        }
        ProxmoxConfiguration.get().setServers(servers);
    }

    private static WorkflowJob pipeline(WorkflowJob job, String script) throws Exception {
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job;
    }

    @ParameterizedTest
    @CsvSource({
        "team-a,         true,  false, false",
        "team-a/deploy,  false, true,  false",
        "team-a/**,      true,  true,  false",
        "team-*,         true,  false, false",
        "*/deploy,       false, true,  false",
        "**/deploy,      false, true,  false",
        "/,              false, false, true",
        "**,             true,  true,  true",
        "/team-a/,       true,  false, false",
        "TEAM-A,         false, false, false",
        "team,           false, false, false",
    })
    void fitsByPatternsOfTheFolder(String pattern, boolean inTeam, boolean inBelow, boolean outside) throws Exception {
        FolderLimit limit = new FolderLimit(FolderLimit.patternsIn(List.of(pattern)));
        assertThat(limit.allows(team.createProject(WorkflowJob.class, "job")), is(inTeam));
        assertThat(limit.allows(below.createProject(WorkflowJob.class, "job")), is(inBelow));
        assertThat(limit.allows(jenkins.createProject(WorkflowJob.class, "job")), is(outside));
    }

    @Test
    void takesOnePatternALineAndNoneForAll() throws Exception {
        assertThat(FolderLimit.patternsIn(List.of(" ops \r\n\n/team-a/**", "x")), is(List.of("ops", "team-a/**", "x")));
        assertThat(new FolderLimit(List.of()).allows(jenkins.createFreeStyleProject()), is(true));
    }

    @Test
    void refusesAJobElsewhereAndSendsNothing() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            limit("lab", "team-a/**");
            WorkflowJob stranger = jenkins.createProject(WorkflowJob.class, "stranger");
            for (String script : List.of(
                    "proxmoxVm action: 'start', vmid: 100, server: 'lab'",
                    "proxmoxStatus server: 'lab'",
                    "proxmoxStatus vmid: 100, server: 'lab', credentialsId: 'ci'",
                    "withProxmoxVm(vmid: 100, server: 'lab') { }")) {
                WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, pipeline(stranger, script));
                jenkins.assertLogContains(
                        "ERROR: The job \"stranger\" may not use the Proxmox VE server \"lab\": "
                                + "the server is limited to other folders.",
                        run);
            }
            WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, pipeline(stranger, "proxmoxStatus()"));
            jenkins.assertLogContains(
                    "ERROR: The job \"stranger\" may use none of the configured Proxmox VE servers", run);
            assertThat(lab.requests(), is(0));

            WorkflowJob member = below.createProject(WorkflowJob.class, "member");
            jenkins.buildAndAssertSuccess(pipeline(member, "proxmoxStatus server: 'lab'"));
        }
    }

    @Test
    void endsAWaitWhenItsJobIsMovedAway() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            limit("lab", "team-a");
            WorkflowJob job =
                    pipeline(team.createProject(WorkflowJob.class, "job"), "proxmoxVm action: 'start', vmid: 105");
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            jenkins.waitForMessage("Requested start of VM 105", run);
            limit("lab", "team-b");
            jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("The job \"team-a/job\" may not use the Proxmox VE server \"lab\"", run);
        }
    }

    @Test
    void theDefaultIsTheFirstServerThatTheJobMayUse() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.server("office", "ci");
            limit("lab", "team-a", "office", "**");
            String script = "echo \"asked ${proxmoxStatus().server}\"";
            jenkins.assertLogContains(
                    "asked lab",
                    jenkins.buildAndAssertSuccess(pipeline(team.createProject(WorkflowJob.class, "job"), script)));
            jenkins.assertLogContains(
                    "asked office",
                    jenkins.buildAndAssertSuccess(pipeline(below.createProject(WorkflowJob.class, "job"), script)));
        }
    }

    @Test
    void formsShowOnlyTheServersThatTheJobMayUse() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.server("office", "ci");
            lab.server("vault", "ci");
            limit("lab", "team-a", "vault", "ops");
            FreeStyleProject outside = jenkins.createFreeStyleProject("outside");
            FreeStyleProject inside = team.createProject(FreeStyleProject.class, "inside");
            assertThat(servers(outside), contains("", "office"));
            assertThat(servers(inside), contains("", "lab", "office"));
            assertThat(servers(team), contains("", "lab", "office"));
            assertThat(servers(null), contains("", "lab", "office", "vault"));
        }
    }

    private static List<String> servers(hudson.model.Item item) {
        return ProxmoxServers.menu(item).stream().map(option -> option.value).toList();
    }

    @Test
    void warnsOfAPatternThatFitsNoFolder() throws Exception {
        ProxmoxServer.DescriptorImpl form =
                (ProxmoxServer.DescriptorImpl) jenkins.jenkins.getDescriptorOrDie(ProxmoxServer.class);
        assertThat(form.doCheckFolders("team-a/**\n/\n").kind, is(FormValidation.Kind.OK));
        FormValidation warning = form.doCheckFolders("team-a\nteam-z");
        assertThat(warning.kind, is(FormValidation.Kind.WARNING));
        assertThat(warning.getMessage(), containsString("at present: team-z."));
    }
}
