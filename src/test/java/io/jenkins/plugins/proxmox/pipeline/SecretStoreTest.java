package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import com.cloudbees.plugins.credentials.Credentials;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.CredentialsUnavailableException;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import com.cloudbees.plugins.credentials.impl.BaseStandardCredentials;
import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import hudson.ExtensionList;
import hudson.model.ItemGroup;
import hudson.model.Result;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.TestExtension;
import org.springframework.security.core.Authentication;

/** Builds whose secret is in a store outside of Jenkins, which is asked over the network and is away now and then. */
@WithOneJenkins
@ParameterizedClass
@EnumSource(Generation.class)
class SecretStoreTest {

    private final Generation generation;
    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;
    private Store store;

    SecretStoreTest(Generation generation) {
        this.generation = generation;
    }

    /** Credentials whose secret is asked for each time somebody wants it. */
    public static final class StoredText extends BaseStandardCredentials implements StringCredentials {
        private static final long serialVersionUID = 1L;

        StoredText() {
            super(CredentialsScope.GLOBAL, "stored", null);
        }

        @NonNull
        @Override
        public Secret getSecret() {
            return ExtensionList.lookupSingleton(Store.class).answer();
        }
    }

    /** A store of secrets. */
    @TestExtension
    public static final class Store extends CredentialsProvider {

        final AtomicInteger reads = new AtomicInteger();
        volatile String secret;
        volatile boolean away;
        volatile boolean seemsEmpty;
        volatile CountDownLatch hangsUntil = new CountDownLatch(0);

        private Secret answer() {
            reads.incrementAndGet();
            try {
                hangsUntil.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (away) {
                throw new CredentialsUnavailableException("secret", "The vault\nis sealed.");
            }
            return Secret.fromString(secret);
        }

        @NonNull
        @Override
        public <C extends Credentials> List<C> getCredentialsInItemGroup(
                @NonNull Class<C> type,
                @Nullable ItemGroup itemGroup,
                @Nullable Authentication authentication,
                @NonNull List<DomainRequirement> requirements) {
            boolean none = seemsEmpty || !type.isAssignableFrom(StoredText.class);
            return none ? List.of() : List.of(type.cast(new StoredText()));
        }
    }

    @BeforeEach
    void useTheStore(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start(generation);
        store = ExtensionList.lookupSingleton(Store.class);
        store.reads.set(0);
        store.away = false;
        store.seemsEmpty = false;
        store.hangsUntil = new CountDownLatch(0);
        store.secret = "jenkins@pve!ci=" + lab.example.ciSecret();
        lab.server("by-store", "stored");
    }

    @AfterEach
    void close() {
        store.hangsUntil.countDown();
        lab.close();
    }

    private WorkflowRun begin(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private WorkflowRun beginWaiting() throws Exception {
        WorkflowRun run = begin("proxmoxVm action: 'start', vmid: 103, waitForLock: true, server: 'by-store'");
        jenkins.waitForMessage("VM 103 (in-backup) is locked (backup)", run);
        return run;
    }

    private void ends(Result result, WorkflowRun run) throws Exception {
        jenkins.assertBuildStatus(result, jenkins.waitForCompletion(run));
    }

    private void looks(int times) throws Exception {
        lab.proxmox.forgetRequests();
        Eventually.holds("it looks on", () -> lab.requests() >= times);
    }

    @Test
    void readTheSecretOnceHoweverOftenTheyLook() throws Exception {
        WorkflowRun run = beginWaiting();
        looks(8);
        lab.proxmox.cluster().guest(103).locked(null);
        ends(Result.SUCCESS, run);
        assertThat(store.reads.get(), is(1));
    }

    @Test
    void readItAnewWithEachStep() throws Exception {
        ends(Result.SUCCESS, begin("""
                proxmoxVm action: 'start', vmid: 100, server: 'by-store'
                proxmoxStatus vmid: 100, server: 'by-store'
                proxmoxVm action: 'stop', vmid: 100, credentialsId: 'stored', server: 'lab'
                """));
        assertThat(store.reads.get(), is(3));
    }

    @Test
    void beginWhenTheStoreIsBack() throws Exception {
        store.away = true;
        List<WorkflowRun> runs = List.of(
                begin("proxmoxVm action: 'start', vmid: 100, server: 'by-store'"),
                begin("proxmoxStatus server: 'by-store'"),
                begin("withProxmoxVm(vmid: 200, server: 'by-store') { }"),
                begin("proxmoxVm action: 'start', vmid: 101, server: 'lab', credentialsId: 'stored'"));
        for (WorkflowRun run : runs) {
            jenkins.waitForMessage(
                    "the credentials \"stored\" could not be read: Property 'secret' is currently unavailable, reason: The vault is sealed.",
                    run);
        }
        assertThat(lab.requests(), is(0));
        store.away = false;
        for (WorkflowRun run : runs) {
            ends(Result.SUCCESS, run);
            jenkins.assertLogContains("Jenkins can use the settings of the server again", run);
        }
    }

    @Test
    void failAtTheirTimeoutWhenTheStoreIsNotBackByThen() throws Exception {
        store.away = true;
        WorkflowRun run = begin("proxmoxVm action: 'start', vmid: 100, timeout: 1, server: 'by-store'");
        ends(Result.FAILURE, run);
        jenkins.assertLogContains(
                "ERROR: Timeout of 1 s: could not start guest 100 in that time. Jenkins did not get the settings and"
                        + " credentials of the server. The Proxmox VE server \"by-store\" cannot be used: the"
                        + " credentials \"stored\" could not be read: Property 'secret' is currently unavailable, reason: The vault is sealed.",
                run);
    }

    @Test
    void goOnWhileTheStoreIsAway() throws Exception {
        WorkflowRun run = beginWaiting();
        int reads = store.reads.get();
        store.away = true;
        // what is saved may have changed the credentials
        Eventually.holds("it is read again", () -> {
            ProxmoxConfiguration.get().save();
            return store.reads.get() > reads;
        });
        looks(4);
        lab.proxmox.cluster().guest(103).locked(null);
        ends(Result.SUCCESS, run);
    }

    @Test
    void areNotHeldUpByAStoreThatHangsNorAreOthers() throws Exception {
        WorkflowRun waiting = beginWaiting();
        store.hangsUntil = new CountDownLatch(1);
        WorkflowRun stuck = begin("proxmoxVm action: 'start', vmid: 105, timeout: 1, server: 'by-store'");
        ends(Result.FAILURE, stuck);
        jenkins.assertLogContains("Timeout of 1 s: could not start guest 105 in that time.", stuck);
        ends(Result.SUCCESS, begin("proxmoxVm action: 'start', vmid: 100, server: 'lab'"));
        looks(4);
        lab.proxmox.cluster().guest(103).locked(null);
        ends(Result.SUCCESS, waiting);
    }

    @Test
    void goOnWithTheSecretThatReplacedTheOldOneInTheStore() throws Exception {
        WorkflowRun run = beginWaiting();
        String fresh = lab.proxmox.access().token("jenkins@pve!fresh", false);
        store.secret = "jenkins@pve!fresh=" + fresh;
        long begun = System.nanoTime();
        lab.proxmox.access().deleteToken("jenkins@pve!ci");
        jenkins.waitForMessage("The settings of the server have changed; continuing with the new ones", run);
        assertThat(
                "long before the minute is over in which a refusal is borne",
                Duration.ofNanos(System.nanoTime() - begun),
                is(lessThan(Duration.ofSeconds(40))));
        lab.proxmox.cluster().guest(103).locked(null);
        ends(Result.SUCCESS, run);
        assertThat(lab.proxmox.cluster().taskTypes(103), contains("qmstart"));
        jenkins.assertLogNotContains(fresh, run);
    }

    @Test
    void endWhenTheCredentialsAreGone() throws Exception {
        WorkflowRun run = beginWaiting();
        store.seemsEmpty = true;
        ProxmoxConfiguration.get().save();
        ends(Result.FAILURE, run);
        jenkins.assertLogContains(
                "ERROR: The Proxmox VE server \"by-store\" cannot be used: its credentials \"stored\" do not exist",
                run);
        assertThat(lab.proxmox.writes(), is(List.of()));
    }

    /** As many stores seem to be while they are away. */
    @Test
    void goOnWhenTheStoreSeemedEmptyForAMoment() throws Exception {
        WorkflowRun run = beginWaiting();
        store.seemsEmpty = true;
        int before = lab.requests();
        ProxmoxConfiguration.get().save();
        Eventually.holds("it was looked for", () -> lab.requests() > before + 3);
        store.seemsEmpty = false;
        looks(8);
        lab.proxmox.cluster().guest(103).locked(null);
        ends(Result.SUCCESS, run);
    }

    @Test
    void putAGuestBackAlsoWhenTheStoreIsAwayJustThen() throws Exception {
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 100, server: 'by-store') { " + gate + " }");
        gate.await(run);
        store.away = true;
        gate.open();
        jenkins.waitForMessage("The vault is sealed.", run);
        assertThat(lab.proxmox.cluster().guest(100).isRunning(), is(true));
        store.away = false;
        ends(Result.SUCCESS, run);
        assertThat(lab.proxmox.cluster().guest(100).isRunning(), is(false));
    }

    @Test
    void tellNoSecret() throws Exception {
        store.secret = "jenkins@pve!ci " + lab.example.ciSecret();
        WorkflowRun run = begin("proxmoxVm action: 'start', vmid: 100, server: 'by-store'");
        ends(Result.FAILURE, run);
        jenkins.assertLogContains("The text is not a token of the form user@realm!name=secret.", run);
        assertThat(JenkinsRule.getLog(run), not(containsString(lab.example.ciSecret())));
    }
}
