package io.jenkins.plugins.proxmox.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.cloudbees.hudson.plugins.folder.Folder;
import hudson.model.FreeStyleProject;
import hudson.model.Item;
import hudson.model.Items;
import hudson.model.Result;
import hudson.model.User;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.LogRecorder;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** A server that is limited to folders serves the jobs in them and no others. */
@WithOneJenkins
class AllowedFoldersTest {

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
        for (int i = 0; i < serversAndPatterns.length; i += 2) {
            server(serversAndPatterns[i]).setFolders(List.of(serversAndPatterns[i + 1]));
        }
        ProxmoxConfiguration.get().setServers(ProxmoxConfiguration.get().getServers());
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
        AllowedFolders limit = new AllowedFolders(AllowedFolders.patternsIn(List.of(pattern)));
        assertThat(limit.allows(team.createProject(WorkflowJob.class, "job")), is(inTeam));
        assertThat(limit.allows(below.createProject(WorkflowJob.class, "job")), is(inBelow));
        assertThat(limit.allows(jenkins.createProject(WorkflowJob.class, "job")), is(outside));
    }

    @Test
    void takesOnePatternALineAndNoneForAll() throws Exception {
        assertThat(
                AllowedFolders.patternsIn(List.of(" ops \r\n\n/team-a//**", "x", "//")),
                is(List.of("ops", "team-a/**", "x", "/")));
        assertThat(new AllowedFolders(List.of()).allows(jenkins.createFreeStyleProject()), is(true));
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
                        "ERROR: The job \"stranger\" is not allowed to use the Proxmox VE server \"lab\": "
                                + "the server is limited to other folders.",
                        run);
            }
            WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, pipeline(stranger, "proxmoxStatus()"));
            jenkins.assertLogContains(
                    "ERROR: The job \"stranger\" is not allowed to use any of the configured Proxmox VE servers", run);
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
            jenkins.assertLogContains(
                    "The job \"team-a/job\" is not allowed to use the Proxmox VE server \"lab\"", run);
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

    private static List<String> servers(Item item) {
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

    /** A server that nobody asks, limited to the folders. */
    private static void configure(String name, String... folders) {
        ProxmoxServer server = new ProxmoxServer(name, "pve.example.org");
        server.setCredentialsId("ci");
        server.setConnectTimeout(7);
        server.setFolders(List.of(folders));
        List<ProxmoxServer> servers = new ArrayList<>(ProxmoxConfiguration.get().getServers());
        servers.add(server);
        ProxmoxConfiguration.get().setServers(servers);
    }

    /** The folders of the server as they are on disk. */
    private static List<String> savedFolders(String name) {
        ProxmoxConfiguration.get().load();
        return server(name).getFolders();
    }

    private static ProxmoxServer server(String name) {
        return ProxmoxConfiguration.get().getServers().stream()
                .filter(server -> server.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Does it as one who may do anything with items and may not administer Jenkins. */
    private void asMember(FolderChange change) throws Exception {
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.READ, Item.READ, Item.CONFIGURE, Item.CREATE, Item.DELETE)
                .everywhere()
                .to("member"));
        try (ACLContext member = ACL.as2(User.getById("member", true).impersonate2())) {
            change.run();
        }
    }

    @FunctionalInterface
    private interface FolderChange {
        void run() throws Exception;
    }

    @Test
    void followsARenamedFolderAndNotItsFreedName() throws Exception {
        configure("lab", "team-a", "team-a/**", "team-a/dep*", "team-b", "*/deploy");
        configure("open");
        WorkflowJob job = below.createProject(WorkflowJob.class, "job");
        asMember(() -> {
            team.renameTo("crew");
            Folder stranger = jenkins.createProject(Folder.class, "team-a");
            assertThat(servers(stranger.createProject(WorkflowJob.class, "job")), not(hasItem("lab")));
        });
        assertThat(savedFolders("lab"), contains("crew", "crew/**", "crew/dep*", "team-b", "*/deploy"));
        assertThat(savedFolders("open"), is(empty()));
        assertThat(servers(job), hasItem("lab"));
    }

    @Test
    void letsABuildGoOnWaitingWhenItsFolderIsRenamed() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            limit("lab", "team-a");
            WorkflowJob job =
                    pipeline(team.createProject(WorkflowJob.class, "job"), "proxmoxVm action: 'start', vmid: 105");
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            jenkins.waitForMessage("Requested start of VM 105", run);
            team.renameTo("crew");
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        }
    }

    @Test
    void keepsTheOtherSettingsOfTheServer() throws Exception {
        configure("lab", "team-a");
        team.renameTo("crew");
        assertThat(savedFolders("lab"), contains("crew"));
        ProxmoxServer server = server("lab");
        assertThat(server.getAddresses(), is("pve.example.org"));
        assertThat(server.getCredentialsId(), is("ci"));
        assertThat(server.getConnectTimeout(), is(7));
    }

    @Test
    void followsAFolderThatIsMovedAndMovedAgainWithItsParent() throws Exception {
        configure("lab", "team-a/deploy/**");
        configure("all of the team", "team-a/**");
        Folder archive = jenkins.createProject(Folder.class, "archive");
        Folder old = archive.createProject(Folder.class, "old");
        Items.move(below, old);
        assertThat(savedFolders("lab"), contains("archive/old/deploy/**"));
        assertThat(savedFolders("all of the team"), contains("team-a/**"));
        archive.renameTo("attic");
        assertThat(savedFolders("lab"), contains("attic/old/deploy/**"));
        Items.move(old, jenkins.jenkins);
        assertThat(savedFolders("lab"), contains("old/deploy/**"));
        assertThat(servers(jenkins.jenkins.getItemByFullName("old/deploy")), contains("", "lab"));
    }

    @Test
    void followsAFolderOfWhichOnlyTheCaseChanges() throws Exception {
        configure("lab", "team-a/**");
        team.renameTo("Team-A");
        assertThat(savedFolders("lab"), contains("Team-A/**"));
    }

    @Test
    void doesNotFollowAJob() throws Exception {
        configure("lab", "team-a/app", "team-ab");
        team.createProject(WorkflowJob.class, "app").renameTo("web");
        team.getItem("web").delete();
        team.renameTo("crew");
        assertThat(savedFolders("lab"), contains("crew/app", "team-ab"));
    }

    @Test
    void givesADeletedFoldersNameToNobody() throws Exception {
        configure("lab", "team-a");
        configure("vault", "team-a/deploy/**", "ops");
        asMember(() -> {
            team.delete();
            Folder again = jenkins.createProject(Folder.class, "team-a");
            assertThat(servers(again.createProject(WorkflowJob.class, "job")), contains(""));
            Folder deploy = again.createProject(Folder.class, "deploy");
            assertThat(servers(deploy.createProject(WorkflowJob.class, "job")), contains(""));
        });
        assertThat(savedFolders("lab"), contains("!team-a"));
        assertThat(savedFolders("vault"), contains("!team-a/deploy/**", "ops"));
        assertThat(servers(jenkins.createFreeStyleProject()), contains(""));
    }

    @Test
    void aDeletedFolderDoesNotEndThePatternOfAnother() throws Exception {
        configure("lab", "team-a/**", "team-a/dep*", "*/deploy", "team-*", "/");
        below.delete();
        assertThat(savedFolders("lab"), contains("team-a/**", "team-a/dep*", "*/deploy", "team-*", "/"));
    }

    @Test
    void logsWhatChangedAndWhoCanNoLongerUseTheServer() throws Exception {
        configure("lab", "team-a/deploy");
        configure("vault", "team-*");
        configure("open");
        try (LogRecorder log = new LogRecorder().record("io.jenkins.plugins.proxmox.server", Level.INFO)) {
            log.capture(20);
            team.renameTo("crew");
            assertThat(
                    log.getMessages(),
                    contains(
                            allOf(
                                    containsString("\"team-a\" was renamed or moved to \"crew\""),
                                    containsString("can no longer use the Proxmox VE server \"vault\"")),
                            allOf(
                                    containsString("\"team-a\" was renamed or moved to \"crew\""),
                                    containsString("server \"lab\" is now limited to: crew/deploy."),
                                    containsString("Before: team-a/deploy."))));
        }
        assertThat(servers(team), contains("", "open"));
    }

    @Test
    void warnsOfThePatternOfADeletedFolder() throws Exception {
        ProxmoxServer.DescriptorImpl form =
                (ProxmoxServer.DescriptorImpl) jenkins.jenkins.getDescriptorOrDie(ProxmoxServer.class);
        FormValidation ended = form.doCheckFolders("!team-a/**\nteam-a");
        assertThat(ended.kind, is(FormValidation.Kind.WARNING));
        assertThat(ended.getMessage(), containsString("allow nothing: !team-a/**."));
        FormValidation both = form.doCheckFolders("!team-a\nteam-z");
        assertThat(both.kind, is(FormValidation.Kind.WARNING));
        assertThat(
                both.renderHtml(),
                allOf(containsString("allow nothing: !team-a."), containsString("at present: team-z.")));
    }
}
