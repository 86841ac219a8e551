package io.jenkins.plugins.proxmox.security;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider.FolderCredentialsProperty;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.domains.Domain;
import com.cloudbees.plugins.credentials.domains.DomainCredentials;
import hudson.model.Cause;
import hudson.model.CauseAction;
import hudson.model.FreeStyleProject;
import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.Items;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.User;
import hudson.security.ACLContext;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.freestyle.GuestBuildStep;
import io.jenkins.plugins.proxmox.lease.ExampleLeases;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerUser;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import jenkins.branch.BranchSource;
import jenkins.scm.impl.SingleSCMSource;
import org.jenkinsci.plugins.workflow.cps.replay.ReplayAction;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.SingleFileSCM;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/**
 * A job uses the servers that are open to its folder and the credentials in its scope, whatever it was before and however
 * it came there. The server {@code lab} is open to the folder {@code team}.
 */
@WithJenkins
class BeyondTheFolderTest {

    private static SecuredJenkins jenkins;
    private static ConfiguredProxmox lab;
    private static Folder others;

    @BeforeAll
    static void start(JenkinsRule rule) throws Exception {
        jenkins = new SecuredJenkins(rule);
        others = (Folder) jenkins.foreign.getParent();
        lab = ConfiguredProxmox.start();
        ProxmoxServer server = ProxmoxConfiguration.get().getServers().get(0);
        server.setFolders(List.of("team"));
        server.setApiRules(List.of("GET /**"));
        ProxmoxConfiguration.get().setServers(List.of(server));
        lab.server("open", "ci");
        addTo(jenkins.team, token(CredentialsScope.GLOBAL, "of-team"));
        addTo(others, token(CredentialsScope.GLOBAL, "of-others"));
        ConfiguredProxmox.add(token(CredentialsScope.SYSTEM, "of-controller"));
        User configurer = User.getById(Attacker.CONFIGURER.login(), true);
        try (ACLContext as = SecuredJenkins.as(Attacker.CONFIGURER.login())) {
            CredentialsProvider.lookupStores(configurer)
                    .iterator()
                    .next()
                    .addCredentials(Domain.global(), token(CredentialsScope.USER, "of-user"));
        }
    }

    private static ProxmoxApiToken token(CredentialsScope scope, String id) {
        return new ProxmoxApiToken(scope, id, "", "jenkins@pve!ci", Secret.fromString(lab.example.ciSecret()));
    }

    private static void addTo(Folder folder, ProxmoxApiToken token) throws Exception {
        folder.addProperty(new FolderCredentialsProperty(
                new DomainCredentials[] {new DomainCredentials(Domain.global(), List.of(token))}));
    }

    @AfterAll
    static void stop() throws Exception {
        lab.close();
        jenkins.rule.after();
    }

    @BeforeEach
    void forgetRequests() {
        ExampleLeases.clear();
        lab.proxmox.forgetRequests();
    }

    private static void assertNotOpen(Run<?, ?> run) throws Exception {
        jenkins.rule.assertBuildStatus(Result.FAILURE, run);
        assertThat(JenkinsRule.getLog(run), containsString("\"lab\""));
        assertThat("nothing was sent", lab.proxmox.requests(), is(empty()));
    }

    private static WorkflowRun run(Result result, WorkflowJob job) throws Exception {
        return jenkins.rule.buildAndAssertStatus(result, job);
    }

    private static FreeStyleProject starter(String name) throws Exception {
        FreeStyleProject job = jenkins.team.createProject(FreeStyleProject.class, name);
        GuestBuildStep step = new GuestBuildStep("start");
        step.setServer("lab");
        step.setVmid("101");
        job.getBuildersList().add(step);
        return job;
    }

    @Test
    void aCopyIsJudgedByItsOwnPlace() throws Exception {
        FreeStyleProject original = starter("original");
        jenkins.rule.buildAndAssertSuccess(original);
        lab.proxmox.forgetRequests();
        // as after a restart; before, a copy waits until somebody has saved it
        FreeStyleProject copy = (FreeStyleProject)
                Items.load(others, others.copy(original, "copy").getRootDir());
        assertNotOpen(jenkins.rule.buildAndAssertStatus(Result.FAILURE, copy));
    }

    @Test
    void aMovedJobIsJudgedByItsNewPlace() throws Exception {
        WorkflowJob job = jenkins.pipeline(jenkins.team, "mover", "proxmoxStatus vmid: 101, server: 'lab'");
        run(Result.SUCCESS, job);
        lab.proxmox.forgetRequests();
        WorkflowJob moved = Items.move(job, others);
        assertNotOpen(run(Result.FAILURE, moved));
    }

    @Test
    void aReplayIsJudgedByThePlaceOfItsJob() throws Exception {
        WorkflowJob job = jenkins.pipeline(others, "replayed", "echo 'harmless'");
        WorkflowRun harmless = run(Result.SUCCESS, job);
        for (String script : List.of(
                "proxmoxStatus vmid: 101, server: 'lab'",
                "withProxmoxVm(vmid: 101, server: 'lab') { }",
                "proxmoxApi path: '/version', server: 'lab'",
                "step([$class: 'GuestBuildStep', action: 'start', vmid: '101', server: 'lab'])")) {
            Run<?, ?> replay = (Run<?, ?>)
                    harmless.getAction(ReplayAction.class).run(script, Map.of()).get();
            assertNotOpen(replay);
        }
    }

    /** The branches of a repository are in a folder of their own, that of the multibranch project. */
    @Test
    void aPullRequestIsJudgedByThePlaceOfItsProject() throws Exception {
        for (Folder folder : List.of(jenkins.team, others)) {
            WorkflowMultiBranchProject project = folder.createProject(WorkflowMultiBranchProject.class, "repository");
            byte[] jenkinsfile = "proxmoxStatus vmid: 101, server: 'lab'".getBytes(StandardCharsets.UTF_8);
            project.getSourcesList()
                    .add(new BranchSource(new SingleSCMSource("PR-1", new SingleFileSCM("Jenkinsfile", jenkinsfile))));
            project.scheduleBuild2(0).getFuture().get();
            jenkins.rule.waitUntilNoActivity();
            WorkflowRun run = project.getItem("PR-1").getLastBuild();
            assertNotOpen(run);
        }
    }

    /** As the configurations of a matrix job are. */
    @Test
    void thePartsOfAJobAreWhereItIs() {
        for (Folder folder : List.of(jenkins.team, others)) {
            FreeStyleProject part = new FreeStyleProject(new Whole(folder), "axis=1");
            assertThat(new ServerUser(null, part, false).nameOf(null), is(folder == jenkins.team ? "lab" : "open"));
        }
    }

    /** A job that consists of others. */
    private static final class Whole extends FreeStyleProject implements ItemGroup<Item> {

        Whole(Folder parent) {
            super((ItemGroup<?>) parent, "matrix");
        }

        @Override
        public Collection<Item> getItems() {
            return List.of();
        }

        @Override
        public String getUrlChildPrefix() {
            return "";
        }

        @Override
        public Item getItem(String name) {
            return null;
        }

        @Override
        public File getRootDirFor(Item child) {
            return new File(getRootDir(), child.getName());
        }

        @Override
        public void onDeleted(Item item) {}
    }

    @Test
    void noStepUsesCredentialsOutOfItsScope() throws Exception {
        for (String id : List.of("of-others", "of-controller", "of-user")) {
            for (String step : List.of(
                    "proxmoxStatus vmid: 101, server: 'open', credentialsId: '%s'",
                    "proxmoxVm action: 'start', vmid: 101, server: 'open', credentialsId: '%s'",
                    "withProxmoxVm(vmid: 101, server: 'open', credentialsId: '%s') { }",
                    "proxmoxApi path: '/version', server: 'lab', credentialsId: '%s'",
                    "proxmoxExec vmid: 101, command: 'id', server: 'open', credentialsId: '%s'",
                    "withCredentials([proxmoxApiToken(credentialsId: '%s', variable: 'X')]) { }")) {
                WorkflowJob job = jenkins.pipeline(jenkins.team, "credentials", step.formatted(id));
                // started by the one who owns some of them
                WorkflowRun run = job.scheduleBuild2(
                                0, new CauseAction(new Cause.UserIdCause(Attacker.CONFIGURER.login())))
                        .get();
                jenkins.rule.assertBuildStatus(Result.FAILURE, run);
                assertThat(JenkinsRule.getLog(run), not(containsString(lab.example.ciSecret())));
            }
        }
        assertThat(lab.proxmox.requests(), is(empty()));
        run(
                Result.SUCCESS,
                jenkins.pipeline(
                        jenkins.team,
                        "credentials",
                        "proxmoxStatus vmid: 101, server: 'open', credentialsId: 'of-team'"));
    }

    @Test
    void noBuildStepUsesCredentialsOutOfItsScope() throws Exception {
        FreeStyleProject job = jenkins.team.createProject(FreeStyleProject.class, "other-credentials");
        for (String id : List.of("of-others", "of-controller", "of-user")) {
            GuestBuildStep step = new GuestBuildStep("start");
            step.setServer("open");
            step.setVmid("101");
            step.setCredentialsId(id);
            job.getBuildersList().replace(step);
            jenkins.rule.buildAndAssertStatus(Result.FAILURE, job);
        }
        assertThat(lab.proxmox.requests(), is(empty()));
    }

    /** Credentials of a folder can have the ID of others. When the folder is gone, those are not used in their place. */
    @Test
    void aDeletedJobLeavesNobodyItsGuestWithMoreRights() throws Exception {
        ExampleLeases.unreturned("deleted", "team/deleted", 101, 1, "why", "of-controller");
        jenkins.post(SecuredJenkins.ADMINISTRATOR, "manage/proxmox-ve/borrowed/tryAgain?id=deleted", Map.of());
        Eventually.holds(
                "it has failed again", () -> Leases.get().find("deleted").failures() == 2);
        assertThat(lab.proxmox.requests(), is(empty()));

        ExampleLeases.unreturned("global", "team/deleted", 101, 1, "why", "ci");
        jenkins.post(SecuredJenkins.ADMINISTRATOR, "manage/proxmox-ve/borrowed/tryAgain?id=global", Map.of());
        Eventually.holds("it is back", () -> Leases.get().find("global") == null);
    }

    /** Whoever has no right to a job gets nothing of its builds either. */
    @Test
    void nobodySeesWhatBuildsOfOthersDid() throws Exception {
        WorkflowJob job = jenkins.pipeline(others, "unseen", "proxmoxVm action: 'start', vmid: 100, server: 'open'");
        run(Result.SUCCESS, job);
        for (Attacker attacker : Attacker.values()) {
            for (String path :
                    List.of("lastBuild/proxmox-ve/", "lastBuild/api/json?depth=2", "lastBuild/consoleText")) {
                assertThat(jenkins.text(attacker.login(), job.getUrl() + path), not(containsString("build-agent")));
            }
        }
    }
}
