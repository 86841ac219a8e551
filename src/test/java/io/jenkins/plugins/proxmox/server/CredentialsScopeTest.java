package io.jenkins.plugins.proxmox.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.domains.Domain;
import com.cloudbees.plugins.credentials.domains.HostnameSpecification;
import hudson.model.Item;
import hudson.model.Result;
import hudson.util.FormValidation;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** Credentials of a folder serve the jobs of that folder and no others. */
@WithOneJenkins
class CredentialsScopeTest {

    private static final String SCRIPT = "proxmoxStatus vmid: 100, credentialsId: 'team'";

    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;
    private Folder team;
    private WorkflowJob inside;
    private WorkflowJob outside;

    @BeforeEach
    void storeATokenInAFolder(JenkinsRule rule) throws Exception {
        jenkins = rule;
        lab = ConfiguredProxmox.start();
        team = jenkins.createProject(Folder.class, "team-a");
        inside = team.createProject(WorkflowJob.class, "inside");
        outside = jenkins.createProject(Folder.class, "team-b").createProject(WorkflowJob.class, "outside");
        store(Domain.global(), ConfiguredProxmox.token("team", "jenkins@pve!operator", lab.example.operatorSecret()));
    }

    private void store(Domain domain, StandardCredentials credentials) throws Exception {
        for (var store : CredentialsProvider.lookupStores(team)) {
            if (store.getContext() == team) {
                if (!store.getDomains().contains(domain)) {
                    store.addDomain(domain);
                }
                store.addCredentials(domain, credentials);
            }
        }
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private WorkflowRun build(WorkflowJob job, Result result, String script) throws Exception {
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    private static List<String> offered(Item item) {
        return CredentialsMenu.ofItem(item, "lab", null).stream()
                .map(option -> option.value)
                .sorted()
                .toList();
    }

    @Test
    void jobsOfTheFolderUseThem() throws Exception {
        build(inside, Result.SUCCESS, SCRIPT);
        assertThat(offered(inside), contains("", "ci", "team"));
    }

    @Test
    void otherJobsAreRefusedAndNothingIsSent() throws Exception {
        WorkflowRun run = build(outside, Result.FAILURE, SCRIPT);
        jenkins.assertLogContains(
                "ERROR: The Proxmox VE server \"lab\" cannot be used: there are no credentials \"team\" that this job can use.",
                run);
        assertThat(lab.requests(), is(0));
        assertThat(offered(outside), contains("", "ci"));
    }

    @Test
    void aServerDoesNotUseThemEither() throws Exception {
        lab.server("wrong", "team");
        WorkflowRun run = build(inside, Result.FAILURE, "proxmoxStatus server: 'wrong'");
        jenkins.assertLogContains("its credentials \"team\" do not exist on the controller", run);
        assertThat(lab.requests(), is(0));
    }

    @Test
    void thoseOfAnotherDomainAreOfNoUse() throws Exception {
        store(
                new Domain("other", null, List.of(new HostnameSpecification("other.example.org", ""))),
                ConfiguredProxmox.token("elsewhere", "jenkins@pve!ci", lab.example.ciSecret()));
        assertThat(offered(inside), contains("", "ci", "team"));
        WorkflowRun run =
                build(inside, Result.FAILURE, "proxmoxStatus vmid: 100, credentialsId: 'elsewhere', server: 'lab'");
        jenkins.assertLogContains("there are no credentials \"elsewhere\" that this job can use.", run);
        assertThat(lab.requests(), is(0));
    }

    /** When the first address does not answer, the secret would be sent to the next. */
    @Test
    void thoseOfADomainMustFitEveryAddressOfTheServer() throws Exception {
        store(
                new Domain("local", null, List.of(new HostnameSpecification("localhost", ""))),
                ConfiguredProxmox.token("local", "jenkins@pve!ci", lab.example.ciSecret()));
        String script = "proxmoxStatus vmid: 100, credentialsId: 'local', server: 'lab'";
        build(inside, Result.SUCCESS, script);
        assertThat(offered(inside), contains("", "ci", "local", "team"));

        ProxmoxServer wide = new ProxmoxServer("lab", lab.proxmox.address() + "\nother.example.org");
        wide.setCredentialsId("ci");
        wide.setFingerprint(lab.fingerprint());
        ProxmoxConfiguration.get().setServers(List.of(wide));
        lab.proxmox.forgetRequests();
        WorkflowRun run = build(inside, Result.FAILURE, script);
        jenkins.assertLogContains("there are no credentials \"local\" that this job can use.", run);
        assertThat(lab.requests(), is(0));
        assertThat("in the form as well", offered(inside), contains("", "ci", "team"));
    }

    @Test
    void thoseOfTheControllerItselfServeNoJob() throws Exception {
        ConfiguredProxmox.add(new ProxmoxApiToken(
                CredentialsScope.SYSTEM, "system", null, "jenkins@pve!ci", Secret.fromString(lab.example.ciSecret())));
        WorkflowRun run = build(inside, Result.FAILURE, "proxmoxStatus vmid: 100, credentialsId: 'system'");
        jenkins.assertLogContains("there are no credentials \"system\" that this job can use.", run);
        assertThat(lab.requests(), is(0));
        assertThat(offered(inside), contains("", "ci", "team"));
        assertThat("in the Snippet Generator outside of a job", offered(null), contains("", "ci"));

        lab.server("by-system", "system");
        build(inside, Result.SUCCESS, "proxmoxStatus vmid: 100, server: 'by-system'");
    }

    @Test
    void aFormSaysWhenTheyAreMissing() {
        assertThat(CredentialsMenu.checkOrVariable(inside, "", "team").kind, is(FormValidation.Kind.OK));
        assertThat(CredentialsMenu.checkOrVariable(inside, "", "").kind, is(FormValidation.Kind.OK));
        assertThat(CredentialsMenu.checkOrVariable(inside, "", "${TOKEN}").kind, is(FormValidation.Kind.OK));
        FormValidation missing = CredentialsMenu.checkOrVariable(outside, "lab", "team");
        assertThat(missing.kind, is(FormValidation.Kind.ERROR));
        assertThat(
                missing.getMessage(),
                containsString("There are no credentials &quot;team&quot; that this job can use"));
    }

    @Test
    void theirPageTellsWhichJobsUsedThem() throws Exception {
        build(inside, Result.SUCCESS, "proxmoxVm action: 'start', vmid: 100, credentialsId: 'team'");
        String page = jenkins.createWebClient()
                .goTo("job/team-a/credentials/store/folder/domain/_/credential/team")
                .asNormalizedText();
        assertThat(page, containsString("inside"));

        build(outside, Result.SUCCESS, "proxmoxVm action: 'stop', vmid: 100");
        page = jenkins.createWebClient()
                .goTo("credentials/store/system/domain/_/credential/ci")
                .asNormalizedText();
        assertThat(page, containsString("outside"));
    }
}
