package io.jenkins.plugins.proxmox.overview;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.LargeCluster;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.htmlunit.WebResponse;
import org.htmlunit.html.HtmlPage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

@WithJenkins
class ProxmoxOverviewTest {

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
    void empty() {
        jenkins.empty();
    }

    private static URL url(String path) throws Exception {
        return new URL(jenkins.rule().getURL(), "manage/proxmox-ve/" + path);
    }

    private WebResponse get(String user, String path) throws Exception {
        return jenkins.browser(user).getPage(url(path)).getWebResponse();
    }

    private WebResponse post(String user, String path) throws Exception {
        JenkinsRule.WebClient browser = jenkins.browser(user);
        WebRequest request = new WebRequest(url(path), HttpMethod.POST);
        return browser.getPage(browser.addCrumb(request)).getWebResponse();
    }

    /** As the script does it: asks until the view is there. */
    private JsonNode view(String user, String server) throws Exception {
        JsonNode view;
        do {
            WebResponse answer = get(user, "server?name=" + server);
            assertThat(answer.getContentAsString(), answer.getStatusCode(), is(200));
            assertThat(answer.getContentType(), is("application/json"));
            view = JSON.readTree(answer.getContentAsString());
        } while (view.path("state").asText().equals("pending"));
        return view;
    }

    private static JsonNode guest(JsonNode view, int vmid) {
        for (JsonNode guest : view.path("guests")) {
            if (guest.path("vmid").asInt() == vmid) {
                return guest;
            }
        }
        throw new AssertionError("no guest " + vmid + " in " + view);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static List<String> rights(JsonNode view, int vmid) {
        return texts(view.path("rights").get(guest(view, vmid).path("rights").asInt()));
    }

    @Test
    void isForThoseWhoManageJenkins() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            for (String path : List.of("", "server?name=lab")) {
                assertThat(path, get("admin", path).getStatusCode(), is(200));
                assertThat(path, get("manager", path).getStatusCode(), is(200));
                assertThat(path, get("reader", path).getStatusCode(), is(403));
            }
            lab.proxmox.forgetRequests();
            assertThat(post("reader", "refresh?name=lab").getStatusCode(), is(403));
            assertThat(lab.requests(), is(0));
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void tellsOfAGuestThatIsLeftOut(Generation generation) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            assertThat(view("manager", "lab").has("leftOut"), is(false));
            lab.proxmox.cluster().vm(50, "pve1", "left-behind");
            ConfiguredProxmox.add(ConfiguredProxmox.token("other", "jenkins@pve!ci", lab.example.ciSecret()));
            lab.server("fresh", "other");
            JsonNode view = view("manager", "fresh");
            assertThat(view.path("guests").size(), is(14));
            assertThat(
                    view.path("leftOut").asText(),
                    is("Left out of the list: qemu/50 (50 is not a VMID: VMIDs range from 100 to 999999999)."));
        }
    }

    @Test
    void isLinkedWhereJenkinsIsManaged() throws Exception {
        String link = "href=\"proxmox-ve\"";
        assertThat(manage("manager"), containsString(link));
        assertThat(manage("reader"), not(containsString(link)));
    }

    @Test
    void hasAnIconOfItsOwn() throws Exception {
        try (InputStream drawing = getClass().getResourceAsStream("/images/symbols/proxmox.svg")) {
            String svg = new String(drawing.readAllBytes(), StandardCharsets.UTF_8);
            String path = svg.substring(svg.lastIndexOf(" d=\""), svg.lastIndexOf("/></g>"));
            assertThat(manage("manager"), containsString(path));
        }
    }

    @Test
    void offersTheConfigurationToAdministratorsOnly() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            assertThat(get("admin", "").getContentAsString(), containsString("Configure servers"));
            String forManager = get("manager", "").getContentAsString();
            assertThat(forManager, containsString("id=\"proxmox-refresh\""));
            assertThat(forManager, not(containsString("Configure servers")));
            assertThat(forManager, not(containsString(lab.proxmox.address())));
        }
    }

    @Test
    void saysOfWhichServersTheCertificateIsNotVerified() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            String hint = "The certificate of this server is not verified";
            assertThat(get("admin", "").getContentAsString(), not(containsString(hint)));
            ProxmoxServer attic = lab.server("attic", "ci");
            attic.setFingerprint("");
            attic.setVerificationOff(true);
            for (String user : List.of("admin", "manager")) {
                String page = get(user, "").getContentAsString();
                int section = page.indexOf("data-name=\"attic\"");
                assertThat(page.indexOf(hint), is(greaterThan(section)));
                assertThat(page.indexOf(hint), is(page.lastIndexOf(hint)));
                assertThat(page.contains("Pin the fingerprint"), is(user.equals("admin")));
            }
        }
    }

    private String manage(String user) throws Exception {
        return jenkins.browser(user).goTo("manage/").getWebResponse().getContentAsString();
    }

    @Test
    void isThereBeforeAnyServerWasAsked() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            HtmlPage page = jenkins.browser("manager").goTo("manage/proxmox-ve/");
            assertThat(page.asXml(), containsString("data-name=\"lab\""));
            assertThat(lab.requests(), is(0));
        }
    }

    @Test
    void saysWhereToAddAServer() throws Exception {
        String forAdmin = get("admin", "").getContentAsString();
        assertThat(forAdmin, containsString("No Proxmox VE server is configured"));
        assertThat(forAdmin, containsString("Add one"));
        assertThat(get("manager", "").getContentAsString(), not(containsString("Add one")));
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void showsNodesGuestsAndWhatJenkinsMayDo(Generation generation) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            lab.proxmox.cluster().guest(101).tagged("ci;test");
            lab.proxmox.access().role("clones", "Datastore.AllocateSpace,SDN.Use");
            lab.proxmox.access().grant("/storage/local", "jenkins@pve", "clones");
            lab.proxmox.access().grant("/sdn/zones", "jenkins@pve", "clones");
            JsonNode view = view("manager", "lab");
            assertThat(view.path("state").asText(), is("seen"));
            assertThat(view.path("version").asText(), is(generation == Generation.V9 ? "9.2.11" : "8.3.2"));
            assertThat(view.path("nodes").size(), is(2));
            assertThat(view.path("nodes").get(0).has("cpu"), is(false));
            assertThat(view.path("guests").size(), is(14));
            assertThat(guest(view, 101).path("status").asText(), is("running"));
            assertThat(texts(guest(view, 101).path("tags")), is(List.of("ci", "test")));
            assertThat(guest(view, 103).path("lock").asText(), is("backup"));
            assertThat(guest(view, 900).path("template").asBoolean(), is(true));
            assertThat(guest(view, 200).path("type").asText(), is("CT"));
            assertThat(
                    rights(view, 100),
                    containsInAnyOrder(
                            "see",
                            "power",
                            "hibernate",
                            "snapshot",
                            "roll_back",
                            "clone",
                            "migrate",
                            "agent",
                            "execute",
                            "delete"));
            assertThat(
                    rights(view, 200),
                    containsInAnyOrder("see", "power", "snapshot", "roll_back", "clone", "migrate", "delete"));
        }
    }

    /** A clone and the memory of a hibernated machine need space on a storage. */
    @Test
    void countsRightsOnStoragesAndNetworks() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            assertThat(
                    rights(view("manager", "lab"), 100),
                    containsInAnyOrder(
                            "see", "power", "snapshot", "roll_back", "migrate", "agent", "execute", "delete"));
        }
    }

    @Test
    void showsFiguresOfNodesWhereTheIdentityMaySeeThem() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("auditor", "auditor@pve!ci", lab.example.auditorSecret()));
            lab.server("lab", "auditor");
            JsonNode view = view("manager", "lab");
            assertThat(view.path("nodes").get(0).path("cpus").asInt(), is(8));
            assertThat(view.path("nodes").get(0).path("uptime").asInt(), is(86_400));
            assertThat(rights(view, 100), is(List.of("see", "agent")));
            assertThat(rights(view, 200), is(List.of("see")));
        }
    }

    @Test
    void tellsAccountsAndExplanationsToAdministratorsOnly() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            assertThat(view("admin", "lab").path("identity").asText(), is("jenkins@pve!ci"));
            assertThat(view("manager", "lab").toString(), not(containsString("jenkins@pve")));

            ConfiguredProxmox.add(ConfiguredProxmox.token("gone", "jenkins@pve!gone", lab.example.ciSecret()));
            lab.server("broken", "gone");
            String forAdmin = view("admin", "broken").path("explanation").asText();
            assertThat(forAdmin, containsString("does not accept jenkins@pve!gone"));
            assertThat(forAdmin, containsString("pveum user token list jenkins@pve"));
            assertThat(forAdmin, not(containsString(lab.example.ciSecret())));
            JsonNode forManager = view("manager", "broken");
            assertThat(forManager.path("state").asText(), is("unseen"));
            assertThat(forManager.has("explanation"), is(false));
        }
    }

    @Test
    void showsTheReasonWhenCredentialsAreMissing() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            lab.server("lab", "nowhere");
            lab.server("for-jobs", "");
            assertThat(
                    view("admin", "lab").path("explanation").asText(),
                    containsString("its credentials &quot;nowhere&quot; do not exist"));
            assertThat(view("admin", "for-jobs").path("state").asText(), is("unasked"));
            assertThat(lab.requests(), is(0));
        }
    }

    @Test
    void escapesWhatAServerSaysInAnExplanation() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            String reason = "<script>alert('1')</script>";
            lab.proxmox.inject(request -> true, new Fault.Answer(403, reason, "application/json", "{\"data\":null}"));
            String explanation = view("admin", "lab").path("explanation").asText();
            assertThat(explanation, containsString("403 &lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"));
            assertThat(explanation, not(containsString("<script")));
        }
    }

    @Test
    void passesHostileNamesAndTagsOnAsData() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            String name = "</script><script>alert(\"1\")</script>";
            lab.proxmox.cluster().vm(120, "pve1", name).tagged("<img/src=x>;\"onload='1'");
            WebResponse answer = get("admin", "server?name=lab");
            assertThat(answer.getContentType(), is("application/json"));
            assertThat(answer.getResponseHeaderValue("X-Content-Type-Options"), is("nosniff"));
            assertThat(answer.getResponseHeaderValue("Cache-Control"), is("no-store"));
            JsonNode evil = guest(view("admin", "lab"), 120);
            assertThat(evil.path("name").asText(), is(name));
            assertThat(texts(evil.path("tags")), is(List.of("<img/src=x>", "\"onload='1'")));
        }
    }

    @Test
    void escapesTheNameOfAServer() throws Exception {
        ProxmoxConfiguration.get().setServers(List.of(new ProxmoxServer("<b>\"lab\"</b>", "pve1")));
        String page = get("admin", "").getContentAsString();
        assertThat(page, not(containsString("<b>")));
        assertThat(page, containsString("&lt;b&gt;"));
    }

    @Test
    void asksAServerOnceHoweverOftenItIsLookedAt() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            for (int i = 0; i < 5; i++) {
                view("manager", "lab");
                view("admin", "lab");
            }
            List<String> asked =
                    lab.proxmox.requests().stream().map(Object::toString).toList();
            assertThat(asked, is(List.of("GET /version", "GET /access/permissions", "GET /cluster/resources")));
        }
    }

    @Test
    void refreshesByPostOnly() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            assertThat(get("admin", "refresh?name=lab").getStatusCode(), not(200));
            WebRequest withoutCrumb = new WebRequest(url("refresh?name=lab"), HttpMethod.POST);
            assertThat(
                    jenkins.browser("admin")
                            .getPage(withoutCrumb)
                            .getWebResponse()
                            .getStatusCode(),
                    is(403));
            assertThat(post("admin", "server?name=lab").getStatusCode(), not(200));
            assertThat(lab.requests(), is(0));
            assertThat(post("manager", "refresh?name=lab").getStatusCode(), is(200));
        }
    }

    @Test
    void knowsConfiguredServersOnly() throws Exception {
        assertThat(get("admin", "server?name=lab").getStatusCode(), is(404));
        assertThat(post("admin", "refresh?name=lab").getStatusCode(), is(404));
        assertThat(get("admin", "server").getStatusCode(), is(404));
    }

    @Test
    void doesNotHoldARequestForASlowServer() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.inject(request -> true, new Fault.Delay(Duration.ofSeconds(4)));
            String answer = get("manager", "server?name=lab").getContentAsString();
            assertThat(answer, is("{\"state\":\"pending\"}"));
            assertThat(view("manager", "lab").path("state").asText(), is("seen"));
        }
    }

    @Test
    void showsTwoThousandGuests() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            LargeCluster.in(lab.proxmox, 2_000);
            JenkinsRule.WebClient manager = jenkins.browser("manager");
            manager.getPage(url("")); // loads the classes
            long begin = System.nanoTime();
            manager.getPage(url(""));
            long page = System.nanoTime();
            WebResponse answer = manager.getPage(url("server?name=lab")).getWebResponse();
            long end = System.nanoTime();
            System.out.printf(
                    "2,000 guests: page %d ms, server %d ms, %d bytes%n",
                    (page - begin) / 1_000_000,
                    (end - page) / 1_000_000,
                    answer.getContentAsString().length());
            JsonNode view = view("manager", "lab");
            assertThat(view.path("guests").size(), is(2_014));
            assertThat(view.path("rights").size(), is(lessThan(5)));
        }
    }
}
