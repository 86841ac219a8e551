package io.jenkins.plugins.proxmox.overview;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import hudson.ExtensionList;
import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.build.ControllerSignature;
import io.jenkins.plugins.proxmox.lease.ExampleLeases;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.lease.OrphanRemoval;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jenkins.model.Jenkins;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Clones of builds that are over and for which no lease stands: which are shown, and which are removed. */
@WithJenkins
class OrphanedClonesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static SharedJenkins jenkins;

    @BeforeAll
    static void start(JenkinsRule rule) {
        jenkins = new SharedJenkins(rule);
    }

    @AfterAll
    static void stop() throws Exception {
        jenkins.rule().after();
    }

    @BeforeEach
    void clear() {
        jenkins.empty();
        ExampleLeases.clear();
    }

    private static CloneMark mark(int vmid, boolean lease, Duration age) {
        Instant made = age == null ? null : Instant.now().minus(age);
        return new CloneMark(controller(), "gone", 7, "javascript:alert(1)", "id-" + vmid, lease, made, null)
                .signedBy(new ControllerSignature())
                .of(vmid);
    }

    private static String controller() {
        return Jenkins.get().getLegacyInstanceId();
    }

    private static SimulatedGuest clone(ConfiguredProxmox lab, int vmid, CloneMark mark) {
        return lab.proxmox
                .cluster()
                .vm(vmid, "pve1", "left-" + vmid)
                .tagged("ci;jenkins")
                .configured("description", mark.after("for a test"));
    }

    private static SimulatedGuest orphan(ConfiguredProxmox lab, int vmid) {
        return clone(lab, vmid, mark(vmid, true, Duration.ofHours(30)));
    }

    /** Guests that are none of its business, of every kind. */
    private static void others(ConfiguredProxmox lab) {
        CloneMark foreign = new CloneMark("decaf", "gone", 7, "", "x", true, Instant.EPOCH, 160);
        clone(lab, 160, foreign);
        clone(lab, 161, mark(150, true, Duration.ofHours(30)));
        orphan(lab, 162).template();
        lab.proxmox.cluster().vm(163, "pve1", "somebody's").tagged("jenkins");
        orphan(lab, 164).tagged("ci");
        // somebody who may write notes, but not delete, has copied the mark of a clone and changed its VMID
        CloneMark genuine = mark(150, true, Duration.ofHours(30));
        clone(
                lab,
                165,
                new CloneMark(
                        controller(),
                        genuine.job(),
                        7,
                        genuine.url(),
                        genuine.id(),
                        true,
                        genuine.made(),
                        165,
                        genuine.signature()));
    }

    private JsonNode view(String user) throws Exception {
        JsonNode view;
        do {
            view = JSON.readTree(jenkins.browser(user)
                    .getPage(url("server?name=lab"))
                    .getWebResponse()
                    .getContentAsString());
        } while (view.path("state").asText().equals("pending"));
        return view;
    }

    private static List<Integer> vmids(JsonNode view) {
        List<Integer> vmids = new ArrayList<>();
        view.path("clones").forEach(clone -> vmids.add(clone.path("vmid").asInt()));
        return vmids;
    }

    private static URL url(String path) throws Exception {
        return new URL(jenkins.rule().getURL(), "manage/proxmox-ve/" + path);
    }

    private int send(String user, HttpMethod verb, String path) throws Exception {
        JenkinsRule.WebClient browser = jenkins.browser(user);
        WebRequest request = new WebRequest(url(path), verb);
        if (verb == HttpMethod.POST) {
            browser.addCrumb(request);
        }
        return browser.getPage(request).getWebResponse().getStatusCode();
    }

    private static void awaitNoLease() throws Exception {
        Eventually.holds("nothing is left to do", () -> Leases.get().all().isEmpty());
    }

    @Test
    void areShownWithTheirBuild() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            orphan(lab, 150).running();
            clone(lab, 151, mark(151, false, null));
            others(lab);
            JsonNode view = view("admin");
            assertThat(vmids(view), is(List.of(150, 151)));
            JsonNode orphan = view.path("clones").get(0);
            assertThat(orphan.path("orphan").asBoolean(), is(true));
            assertThat(orphan.path("build").asText(), is("gone #7"));
            assertThat(orphan.path("status").asText(), is("running"));
            assertThat(orphan.has("made"), is(true));
            assertThat("the address in the mark is anybody's", view.toString(), not(containsString("javascript")));
            JsonNode other = view.path("clones").get(1);
            assertThat(other.path("orphan").asBoolean(), is(false));
            assertThat("cannot be removed here", other.has("mark"), is(false));
            assertThat(view.has("unread"), is(false));
            assertThat(
                    "the configuration of tagged guests only",
                    lab.proxmox.requests().stream()
                            .map(Object::toString)
                            .filter(request -> request.endsWith("/config"))
                            .toList()
                            .size(),
                    is(6));
        }
    }

    @Test
    void areShownWithoutTheirBuildToOneWhoMayNotSeeIt() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            orphan(lab, 150);
            JsonNode orphan = view("manager").path("clones").get(0);
            assertThat(orphan.path("vmid").asInt(), is(150));
            assertThat(orphan.has("build"), is(false));
            assertThat(orphan.has("mark"), is(false));
        }
    }

    @Test
    void doNotKeepAnybodyWaitingWhenTheyCannotBeRead() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            orphan(lab, 150);
            orphan(lab, 151);
            lab.proxmox.inject(
                    request -> request.path().endsWith("/150/config"),
                    new Fault.Answer(500, "<b>no such file</b>", "application/json", "{\"data\":null}"));
            orphan(lab, 152);
            lab.proxmox.inject(
                    request -> request.path().endsWith("/152/config"),
                    new Fault.Answer(
                            500,
                            "Configuration file 'nodes/pve1/qemu-server/152.conf' does not exist",
                            "application/json",
                            "{\"data\":null}"));
            JsonNode view = view("manager");
            assertThat(vmids(view), is(List.of(151)));
            assertThat("a deleted one does not count", view.path("unread").asInt(), is(1));
        }
    }

    @Test
    void areRemovedByPostOfAnAdministratorOnly() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            orphan(lab, 150).running();
            clone(lab, 151, mark(151, false, Duration.ofHours(30)));
            others(lab);
            String remove = "removeClone?name=lab&vmid=150&mark=id-150";
            assertThat(send("manager", HttpMethod.POST, remove), is(403));
            assertThat(send("reader", HttpMethod.POST, remove), is(403));
            assertThat(send("admin", HttpMethod.GET, remove), not(200));
            assertThat(Leases.get().all(), is(empty()));
            for (String no : List.of(
                    "name=lab&vmid=150&mark=other",
                    "name=lab&vmid=151&mark=id-151",
                    "name=lab&vmid=160&mark=x",
                    "name=lab&vmid=161&mark=id-150",
                    "name=lab&vmid=162&mark=id-162",
                    "name=lab&vmid=165&mark=id-150",
                    "name=lab&vmid=100&mark=id-150",
                    "name=elsewhere&vmid=150&mark=id-150")) {
                assertThat(no, send("admin", HttpMethod.POST, "removeClone?" + no), is(404));
            }
            assertThat(lab.proxmox.writes(), is(empty()));
            assertThat(send("admin", HttpMethod.POST, remove), is(200));
            awaitNoLease();
            assertThat(lab.proxmox.cluster().guest(150), is(nullValue()));
            assertThat(lab.proxmox.cluster().taskTypes(150), is(List.of("qmstop", "qmdestroy")));
            for (int other : new int[] {151, 160, 161, 162, 163, 164, 165}) {
                assertThat(String.valueOf(other), lab.proxmox.cluster().guest(other), is(notNullValue()));
            }
        }
    }

    @Test
    void areTriedAgainWhenTheyCouldNotBeRemoved() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            orphan(lab, 150).failsAt("qmdestroy", "storage 'nfs' is not online");
            assertThat(send("admin", HttpMethod.POST, "removeClone?name=lab&vmid=150&mark=id-150"), is(200));
            Eventually.holds("it has failed", () -> Leases.get().all().get(0).failures() == 1);
            assertThat("it has a lease again", vmids(view("admin")), is(List.of()));
            String page =
                    jenkins.browser("admin").getPage(url("")).getWebResponse().getContentAsString();
            assertThat(
                    page,
                    allOf(
                            containsString("VM 150 (left-150) on lab has not been removed"),
                            containsString("is not online"),
                            containsString("gone #7")));
            String id = Leases.get().all().get(0).id();
            assertThat(send("admin", HttpMethod.POST, "borrowed/leave?id=" + id), is(200));
            assertThat("an orphan as before", vmids(view("admin")), is(List.of(150)));
        }
    }

    @Test
    void areNoneWhileTheirBuildRuns() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            allowClones(lab);
            removeAfter(1);
            WorkflowJob job = jenkins.rule().createProject(WorkflowJob.class, "clones");
            job.setDefinition(new CpsFlowDefinition("withProxmoxVm(template: 9000) { semaphore 'in' }", true));
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            SemaphoreStep.waitForStart("in/1", run);
            int vmid = 107;
            CloneMark mark = CloneMark.in(lab.proxmox.cluster().guest(vmid).configured("description"));
            assertThat(mark.lease(), is(true));
            assertThat(vmids(view("admin")), is(empty()));
            lab.proxmox.forgetRequests();
            ExampleLeases.clear(); // the list is lost
            Eventually.holds("its mark is read", () -> {
                send("admin", HttpMethod.POST, "refresh?name=lab");
                view("admin");
                return lab.proxmox.requests().stream()
                        .anyMatch(request -> request.toString().endsWith("GET /nodes/pve1/qemu/" + vmid + "/config"));
            });
            assertThat(vmids(view("admin")), is(empty()));
            removeAutomatically();
            assertThat(lab.proxmox.cluster().guest(vmid).isRunning(), is(true));
            SemaphoreStep.success("in/1", null);
            jenkins.rule().assertBuildStatus(Result.SUCCESS, jenkins.rule().waitForCompletion(run));
            assertThat(send("admin", HttpMethod.POST, "refresh?name=lab"), is(200));
            Eventually.holds("it is an orphan", () -> vmids(view("admin")).equals(List.of(vmid)));
            assertThat(view("admin").path("clones").get(0).path("buildUrl").asText(), is("job/clones/1/"));
            assertThat(
                    send("admin", HttpMethod.POST, "removeClone?name=lab&vmid=" + vmid + "&mark=" + mark.id()),
                    is(200));
            awaitNoLease();
            assertThat(lab.proxmox.cluster().guest(vmid), is(nullValue()));
        }
    }

    private static void allowClones(ConfiguredProxmox lab) {
        lab.proxmox.cluster().vm(9000, "pve1", "golden").template();
        lab.proxmox.access().role("Clones", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "Clones");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "Clones");
    }

    private static void removeAfter(Integer hours) {
        ProxmoxServer server = ProxmoxConfiguration.get().getServers().get(0);
        server.setRemoveOrphansAfter(hours);
    }

    private static void removeAutomatically() throws Exception {
        ExampleLeases.removeOrphans();
        awaitNoLease();
    }

    @Test
    void areLeftAloneUnlessTheServerSaysOtherwise() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            orphan(lab, 150);
            removeAutomatically();
            assertThat(lab.requests(), is(0));
            removeAfter(31);
            removeAutomatically();
            assertThat(lab.proxmox.writes(), is(empty()));
        }
    }

    @Test
    void areRemovedOnceTheyAreOldEnough() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            orphan(lab, 150).running();
            clone(lab, 151, mark(151, false, Duration.ofHours(30)));
            clone(lab, 152, mark(152, true, Duration.ofHours(23)));
            clone(lab, 153, mark(153, true, null));
            others(lab);
            removeAfter(24);
            removeAutomatically();
            assertThat(lab.proxmox.cluster().guest(150), is(nullValue()));
            for (int other : new int[] {151, 152, 153, 160, 161, 162, 163, 164, 165}) {
                assertThat(String.valueOf(other), lab.proxmox.cluster().guest(other), is(notNullValue()));
                assertThat(lab.proxmox.cluster().taskTypes(other), not(hasItem("qmdestroy")));
            }
        }
    }

    /** Whoever protects a clone wants to keep it. */
    @Test
    void areKeptOnceTheyAreProtected() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            orphan(lab, 150).protectedFromDeletion();
            removeAfter(24);
            removeAutomatically();
            assertThat(send("admin", HttpMethod.POST, "removeClone?name=lab&vmid=150&mark=id-150"), is(404));
            JsonNode clone = view("admin").path("clones").get(0);
            assertThat(clone.path("vmid").asInt(), is(150));
            assertThat(clone.path("orphan").asBoolean(), is(false));
            assertThat(lab.proxmox.writes(), is(empty()));
        }
    }

    @Test
    void areLookedForOnceAnHour() {
        OrphanRemoval work = ExtensionList.lookupSingleton(OrphanRemoval.class);
        assertThat(work.getRecurrencePeriod(), is(TimeUnit.HOURS.toMillis(1)));
        assertThat(work.getInitialDelay(), is(TimeUnit.MINUTES.toMillis(15)));
    }
}
