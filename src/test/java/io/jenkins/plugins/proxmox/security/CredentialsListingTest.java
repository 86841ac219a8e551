package io.jenkins.plugins.proxmox.security;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider.FolderCredentialsProperty;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.domains.Domain;
import com.cloudbees.plugins.credentials.domains.DomainCredentials;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.htmlunit.WebResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Menus and checks of forms tell nobody which credentials and servers there are who may not use them. */
@WithJenkins
class CredentialsListingTest {

    /** Parts of IDs, descriptions and token IDs of credentials, and of names of servers. */
    private static final List<String> TELLTALES = List.of(
            "known-id", "known@pve", "known words", "in-own-folder", "in-other-folder", "for-system", "known-server");

    private static SecuredJenkins jenkins;
    private static ConfiguredProxmox lab;

    @BeforeAll
    static void start(JenkinsRule rule) throws Exception {
        jenkins = new SecuredJenkins(rule);
        lab = ConfiguredProxmox.unconfigured();
        lab.server("known-server", "known-id");
        ConfiguredProxmox.add(token(CredentialsScope.GLOBAL, "known-id"));
        ConfiguredProxmox.add(token(CredentialsScope.SYSTEM, "for-system"));
        addTo(jenkins.team, "in-own-folder");
        addTo((Folder) jenkins.foreign.getParent(), "in-other-folder");
    }

    private static void addTo(Folder folder, String id) throws Exception {
        folder.addProperty(new FolderCredentialsProperty(new DomainCredentials[] {
            new DomainCredentials(Domain.global(), List.of(token(CredentialsScope.GLOBAL, id)))
        }));
    }

    private static ProxmoxApiToken token(CredentialsScope scope, String id) {
        return new ProxmoxApiToken(scope, id, "known words", "known@pve!" + id, Secret.fromString("secret"));
    }

    @AfterAll
    static void stop() throws Exception {
        lab.close();
        jenkins.rule.after();
    }

    /** The path of each method, below a context, that could tell of credentials or servers. */
    private static TreeSet<String> paths() throws Exception {
        TreeSet<String> paths = new TreeSet<>();
        jenkins.webMethodsOfForms()
                .forEach((form, methods) -> methods.stream()
                        .filter(method -> method.member().matches("do(Fill|Check)(CredentialsId|Server)(Items)?"))
                        .forEach(method -> paths.add(form + method.token())));
        return paths;
    }

    private static Map<String, String> form(String value) {
        return Map.of(
                "value",
                value,
                "credentialsId",
                value,
                "server",
                value,
                "addresses",
                lab.proxmox.address(),
                "folders",
                "x");
    }

    private void assertTellsNothing(String login, String path) throws Exception {
        WebResponse unknown = jenkins.post(login, path, form("kept"));
        for (String telltale : TELLTALES) {
            assertThat(login + " at " + path, unknown.getContentAsString(), not(containsString(telltale)));
        }
        // what was sent may come back, and no more: an existing ID gets the same answer as another one
        for (String guess :
                path.contains("Server") ? List.of("known-server") : List.of("known-id", "in-other-folder")) {
            WebResponse known = jenkins.post(login, path, form(guess));
            assertThat(login + " at " + path, known.getStatusCode(), is(unknown.getStatusCode()));
            if (known.getStatusCode() == 200) {
                assertThat(
                        login + " guesses " + guess + " at " + path,
                        known.getContentAsString().replace(guess, "kept"),
                        is(unknown.getContentAsString()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Attacker.class)
    void nobodyLearnsOfThemOutsideOfJobs(Attacker attacker) throws Exception {
        assertThat(paths().size(), is(greaterThan(20)));
        for (String path : paths()) {
            assertTellsNothing(attacker.login(), path);
        }
    }

    @ParameterizedTest
    @EnumSource(Attacker.class)
    void nobodyLearnsOfThemInJobsOfOthers(Attacker attacker) throws Exception {
        for (String path : paths()) {
            assertTellsNothing(attacker.login(), jenkins.foreign.getUrl() + path);
        }
    }

    /** Whoever may only see a job is told no more than the job itself shows. */
    @Test
    void seeingAJobIsNotEnough() throws Exception {
        for (String path : paths()) {
            assertTellsNothing(SecuredJenkins.VIEWER, jenkins.own.getUrl() + path);
            assertTellsNothing(SecuredJenkins.VIEWER, jenkins.team.getUrl() + path);
        }
    }

    /** Whoever configures a job sees what the job can use: not those of other folders, nor those of the controller. */
    @Test
    void configuringAJobShowsWhatTheJobCanUse() throws Exception {
        String menu = "descriptorByName/io.jenkins.plugins.proxmox.pipeline.ProxmoxVmStep/fillCredentialsIdItems";
        String shown = jenkins.post(
                        Attacker.CONFIGURER.login(),
                        jenkins.own.getUrl() + menu,
                        Map.of("server", "", "credentialsId", ""))
                .getContentAsString();
        assertThat(shown, containsString("known-id"));
        assertThat(shown, containsString("in-own-folder"));
        assertThat(shown, not(containsString("in-other-folder")));
        assertThat(shown, not(containsString("for-system")));
    }

    /** Otherwise the tests above would try nothing. */
    @Test
    void administratorsLearnOfThem() throws Exception {
        for (String path : paths()) {
            if (path.endsWith("fillCredentialsIdItems")) {
                String shown = jenkins.post(SecuredJenkins.ADMINISTRATOR, path, form(""))
                        .getContentAsString();
                assertThat(path, shown, containsString("known-id"));
            }
        }
    }
}
