package io.jenkins.plugins.proxmox.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import hudson.util.FormValidation;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.http.CertificateFingerprint;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Files as secret stores mount them: with a line break at the end, or as whatever became of one. */
@WithJenkins
class SettingsFromFilesTest {

    @TempDir
    private Path folder;

    private String file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, content);
        return "${readFile:" + file + "}";
    }

    /** Credentials of all kinds, and a server for each of them. */
    private void configure(ConfiguredProxmox lab) throws Exception {
        String server = """
                      - name: "%s"
                        addresses: "%s"
                        credentialsId: "%s"
                        %s: "%s"
                """;
        String address = file("address", "\ufeff" + lab.proxmox.address() + "\r\n");
        String authority = file("ca", '"' + lab.proxmox.caPem().replace("\n", "\\n") + "\"\n");
        String fingerprint = file("fingerprint", "sha256 Fingerprint=" + lab.fingerprint() + "\n");
        String yaml = """
                credentials:
                  system:
                    domainCredentials:
                      - credentials:
                          - proxmoxApiToken:
                              scope: SYSTEM
                              id: "token"
                              tokenId: "%s"
                              secret: "%s"
                          - string:
                              scope: SYSTEM
                              id: "text"
                              secret: "%s"
                          - usernamePassword:
                              scope: SYSTEM
                              id: "token-as-login"
                              username: "%s"
                              password: "%s"
                          - usernamePassword:
                              scope: SYSTEM
                              id: "login"
                              username: "%s"
                              password: "%s"
                unclassified:
                  proxmoxVe:
                    servers:
                """.formatted(
                                file("token-id", "jenkins@pve!ci\n"),
                                file("secret", lab.example.ciSecret() + "\n"),
                                file("text", "jenkins@pve!ci=" + lab.example.ciSecret() + "\r\n"),
                                file("token-user", "jenkins@pve!ci\n"),
                                file("token-password", lab.example.ciSecret() + "\n"),
                                file("user", "jenkins@pve\n"),
                                "${trim:" + file("password", ExampleCluster.JENKINS_PASSWORD + "\n") + "}")
                + server.formatted(file("name", "lab\n"), address, file("id", "token\n"), "caCertificates", authority)
                + server.formatted("text", address, "text", "fingerprint", fingerprint)
                + server.formatted("token-as-login", address, "token-as-login", "fingerprint", fingerprint)
                + server.formatted("login", address, "login", "caCertificates", authority);
        Path file = folder.resolve("jenkins.yaml");
        Files.writeString(file, yaml);
        ConfigurationAsCode.get().configure(file.toString());
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void areUsedWithoutWhatStandsAtTheirEnds(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured(generation)) {
            configure(lab);
            List<ProxmoxServer> servers = ProxmoxConfiguration.get().getServers();
            assertThat(servers, hasSize(4));
            assertThat(servers.get(0).getName(), is("lab"));
            for (ProxmoxServer server : servers) {
                ServerConnections.of(server).client().version();
            }
        }
    }

    @Test
    void areReadByTheFormInTheSameWay(JenkinsRule jenkins) {
        ProxmoxServer.DescriptorImpl form = form(jenkins);
        SimulatedCertificate authority = SimulatedCertificate.clusterAuthority();
        String fingerprint = CertificateFingerprint.of(authority.certificate()).hex();
        for (FormValidation check : List.of(
                form.doCheckAddresses("\ufeffpve1.example.org\u00a0\r\n"),
                form.doCheckCaCertificates('"' + authority.pem().replace("\n", "\\n") + '"'),
                form.doCheckCaCertificates("\ufeff\n"),
                form.doCheckFingerprint("'sha256 Fingerprint=" + fingerprint + "'\n", "\n"))) {
            assertThat(check.getMessage(), check.kind, is(FormValidation.Kind.OK));
        }
        FormValidation key =
                form.doCheckCaCertificates("-----BEGIN PRIVATE KEY-----\\nMIGHAgEA\\n-----END PRIVATE KEY-----");
        assertThat(key.kind, is(FormValidation.Kind.ERROR));
        assertThat(
                key.getMessage(),
                allOf(containsString("must never leave the Proxmox host"), not(containsString("MIGHAgEA"))));
    }

    private static ProxmoxServer.DescriptorImpl form(JenkinsRule jenkins) {
        return (ProxmoxServer.DescriptorImpl) jenkins.jenkins.getDescriptorOrDie(ProxmoxServer.class);
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void keepsALineBreakOfAPasswordAndNamesItBesideThe401(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured(generation)) {
            String password = ExampleCluster.JENKINS_PASSWORD + "\n";
            ConfiguredProxmox.add(ConfiguredProxmox.login("login", "jenkins@pve\n", password));
            FormValidation refused = form(jenkins)
                    .doTestConnection("lab", lab.proxmox.address(), "login", "", lab.fingerprint(), false, "5", "10");
            assertThat(
                    refused.getMessage(),
                    allOf(
                            containsString("does not accept jenkins@pve."),
                            containsString("The password ends with a line break"),
                            not(containsString(ExampleCluster.JENKINS_PASSWORD))));
            lab.proxmox.access().password("jenkins@pve", password);
            assertThat(lab.server("with-line-break", "login").getName(), is("with-line-break"));
            ServerConnections.of(ProxmoxConfiguration.get().getServers().get(0))
                    .client()
                    .version();
        }
    }
}
