package io.jenkins.plugins.proxmox.security;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Nobody but an administrator can make Jenkins send stored credentials to an address of their choice. */
@WithJenkins
class CapturedCredentialsTest {

    private static final String TEST_CONNECTION =
            "descriptorByName/" + ProxmoxServer.class.getName() + "/testConnection";

    private static final String RECORDED = "recorded.example.org";

    private static SecuredJenkins jenkins;

    /** What the form of the global configuration submits. */
    private static String submitted;

    private ConfiguredProxmox lab;

    /** The host of somebody who collects secrets. */
    private ConfiguredProxmox thief;

    @BeforeAll
    static void start(JenkinsRule rule) throws Exception {
        jenkins = new SecuredJenkins(rule);
        ProxmoxServer recorded = new ProxmoxServer("lab", RECORDED);
        recorded.setVerificationOff(true);
        ProxmoxConfiguration.get().setServers(List.of(recorded));
        submitted = jenkins.submittedConfiguration();
    }

    @AfterAll
    static void stop() throws Exception {
        jenkins.rule.after();
    }

    @BeforeEach
    void startServers() {
        ProxmoxConfiguration.get().setServers(List.of());
        lab = ConfiguredProxmox.start();
        thief = ConfiguredProxmox.unconfigured();
    }

    @AfterEach
    void stopServers() {
        lab.close();
        thief.close();
    }

    private Map<String, String> aimed() {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("name", "lab");
        form.put("addresses", thief.proxmox.address());
        form.put("credentialsId", "ci");
        form.put("verificationOff", "true");
        form.put("connectTimeout", "5");
        form.put("responseTimeout", "5");
        form.put("caCertificates", "");
        form.put("fingerprint", "");
        return form;
    }

    @ParameterizedTest
    @EnumSource(Attacker.class)
    void testConnectionIsForAdministrators(Attacker attacker) throws Exception {
        for (String context :
                List.of("", jenkins.own.getUrl(), jenkins.team.getUrl(), "manage/proxmox-ve/servers/0/")) {
            int status = jenkins.post(attacker.login(), context + TEST_CONNECTION, aimed())
                    .getStatusCode();
            assertThat(attacker + " at " + context, status, is(not(200)));
        }
        assertThat(jenkins.post(attacker.login(), TEST_CONNECTION, aimed()).getStatusCode(), is(403));
        assertThat(thief.proxmox.requests(), is(empty()));
        assertThat("nor as a way to find open ports", thief.proxmox.openConnections(), is(0));
    }

    /** A link in a mail would do, if GET were enough. */
    @Test
    void aLinkThatAnAdministratorFollowsTestsNothing() throws Exception {
        StringBuilder link = new StringBuilder(TEST_CONNECTION + "?");
        aimed().forEach((name, value) ->
                link.append(name).append('=').append(value).append('&'));
        assertThat(jenkins.get(SecuredJenkins.ADMINISTRATOR, link.toString()).getStatusCode(), is(not(200)));
        assertThat(thief.proxmox.requests(), is(empty()));

        jenkins.post(SecuredJenkins.ADMINISTRATOR, TEST_CONNECTION, aimed());
        assertThat("with POST it would have", thief.proxmox.requests(), is(not(empty())));
    }

    /** The form of the global configuration with the address of the other host in it. */
    private Map<String, String> elsewhere() {
        return Map.of("json", submitted.replace(RECORDED, thief.proxmox.address()));
    }

    private static List<String> addresses() {
        return ProxmoxConfiguration.get().getServers().stream()
                .map(ProxmoxServer::getAddresses)
                .toList();
    }

    /** Those with Manage save a part of the global configuration; this is not in it. */
    @ParameterizedTest
    @EnumSource(Attacker.class)
    void onlyAdministratorsChangeAddresses(Attacker attacker) throws Exception {
        Map<String, String> form = elsewhere();
        for (String path : List.of("configSubmit", "manage/configure/configSubmit", "manage/configSubmit")) {
            jenkins.post(attacker.login(), path, form);
        }
        assertThat(addresses(), contains(lab.proxmox.address()));
        jenkins.get(attacker.login(), "manage/proxmox-ve/server?name=lab");
        jenkins.post(attacker.login(), "manage/proxmox-ve/refresh?name=lab", Map.of());
        assertThat(thief.proxmox.requests(), is(empty()));
    }

    @Test
    void anAdministratorDoesChangeThemThatWay() throws Exception {
        jenkins.post(SecuredJenkins.ADMINISTRATOR, "configSubmit", elsewhere());
        assertThat(addresses(), contains(thief.proxmox.address()));
    }

    /** A job names a server and credentials, never an address; and what looks like an address is only a name. */
    @Test
    void noJobNamesAnAddress() throws Exception {
        String address = thief.proxmox.address();
        for (String arguments : List.of(
                "server: '" + address + "', vmid: 100",
                "server: 'https://" + address + "', vmid: 100",
                "server: 'lab', node: '" + address + "', vmid: 100",
                "server: 'lab', addresses: '" + address + "', vmid: 100",
                "server: [name: 'lab', addresses: '" + address + "'], vmid: 100",
                "server: [$class: 'ProxmoxServer', name: 'x', addresses: '" + address + "'], vmid: 100")) {
            WorkflowJob job = jenkins.pipeline(jenkins.team, "names-an-address", "proxmoxStatus " + arguments);
            jenkins.rule.buildAndAssertStatus(Result.FAILURE, job);
        }
        assertThat(thief.proxmox.requests(), is(empty()));
        assertThat(lab.proxmox.requests(), is(empty()));
    }
}
