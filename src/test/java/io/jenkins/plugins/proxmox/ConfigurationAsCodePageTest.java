package io.jenkins.plugins.proxmox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.common.StandardUsernamePasswordCredentials;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import io.jenkins.plugins.casc.SecretSource;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.TestExtension;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;
import org.yaml.snakeyaml.Yaml;

/** The example of docs/configuration-as-code.md is loaded as it is printed there, and survives an export. */
@WithJenkins
class ConfigurationAsCodePageTest {

    private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    private static final Map<String, String> SECRETS = Map.of(
            "PROXMOX_CI_SECRET", "0f5c2b1e-7d60-4b6f-9c39-5e2d8a417c66",
            "PROXMOX_VAULT_TOKEN", "vault@pve!ci=6a4d7f10-2a0e-4b88-9a11-2d1f3c5e7b90",
            "PROXMOX_PASSWORD", "correct horse battery staple");

    @TempDir
    private Path folder;

    private JenkinsRule jenkins;
    private String certificate;

    /** Stands for an environment, or a store of secrets. */
    @TestExtension
    public static final class Secrets extends SecretSource {
        @Override
        public Optional<String> reveal(String secret) {
            return Optional.ofNullable(SECRETS.get(secret));
        }
    }

    @BeforeEach
    void load(JenkinsRule rule) throws Exception {
        jenkins = rule;
        certificate =
                SimulatedCertificate.authority("Proxmox Virtual Environment").pem();
        Matcher example = EXAMPLE.matcher(Files.readString(Path.of("docs/configuration-as-code.md")));
        assertThat("there is an example", example.find(), is(true));
        Path pem = Files.writeString(folder.resolve("pve-root-ca.pem"), certificate);
        configure(example.group(1).replace("/run/secrets/pve-root-ca.pem", pem.toString()));
    }

    private void configure(String yaml) throws Exception {
        Path file = Files.writeString(folder.resolve("jenkins.yaml"), yaml);
        ConfigurationAsCode.get().configure(file.toString());
    }

    private static String export() throws Exception {
        ByteArrayOutputStream exported = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(exported);
        return exported.toString(StandardCharsets.UTF_8);
    }

    /** Our parts of an export, as a file of their own. */
    private static String ours(String export) {
        Map<String, Object> all = new Yaml().load(export);
        Map<?, ?> unclassified = (Map<?, ?>) all.get("unclassified");
        Map<String, Object> ours = new LinkedHashMap<>();
        ours.put("credentials", all.get("credentials"));
        ours.put("unclassified", Map.of("proxmoxVe", unclassified.get("proxmoxVe")));
        return new Yaml().dump(ours);
    }

    private static void assertSecretsAreThere() {
        List<StandardCredentials> stored = SystemCredentialsProvider.getInstance().getCredentials().stream()
                .map(StandardCredentials.class::cast)
                .toList();
        assertThat(stored, hasSize(3));
        assertThat(((ProxmoxApiToken) stored.get(0)).getTokenId(), is("jenkins@pve!ci"));
        assertThat(((ProxmoxApiToken) stored.get(0)).getSecret().getPlainText(), is(SECRETS.get("PROXMOX_CI_SECRET")));
        assertThat(
                ((StringCredentials) stored.get(1)).getSecret().getPlainText(), is(SECRETS.get("PROXMOX_VAULT_TOKEN")));
        assertThat(
                ((StandardUsernamePasswordCredentials) stored.get(2))
                        .getPassword()
                        .getPlainText(),
                is(SECRETS.get("PROXMOX_PASSWORD")));
    }

    @Test
    void theExampleIsLoadedAsPrinted() {
        assertSecretsAreThere();
        List<ProxmoxServer> servers = ProxmoxConfiguration.get().getServers();
        assertThat(servers.stream().map(ProxmoxServer::getName).toList(), is(List.of("lab", "office", "sandbox")));
        assertThat(servers.get(0).getCaCertificates(), is(certificate.strip()));
        assertThat(servers.get(0).getFolders(), is(List.of()));
        assertThat(servers.get(1).getFolders(), is(List.of("ops", "team-a/**")));
        assertThat(servers.get(0).getApiRules(), is(List.of()));
        assertThat(servers.get(1).getApiRules(), is(List.of("GET /nodes/*/qemu/*/config", "POST /nodes/*/vzdump")));
        assertThat(servers.get(1).getConnectTimeout(), is(5));
        assertThat(servers.get(2).isVerificationOff(), is(true));
    }

    @Test
    void whatIsExportedCanBeLoadedAgainAndHoldsNoSecret() throws Exception {
        List<ProxmoxServer> before = ProxmoxConfiguration.get().getServers();
        String exported = export();
        SECRETS.values().forEach(secret -> assertThat(exported, not(containsString(secret))));
        assertThat(exported, containsString("- \"team-a/**\""));

        ProxmoxConfiguration.get().setServers(List.of());
        SystemCredentialsProvider.getInstance().getCredentials().clear();
        configure(ours(exported));
        assertSecretsAreThere();
        List<ProxmoxServer> after = ProxmoxConfiguration.get().getServers();
        assertThat(after, hasSize(3));
        for (int i = 0; i < 3; i++) {
            jenkins.assertEqualDataBoundBeans(before.get(i), after.get(i));
        }
        assertThat(
                ours(export()).replaceAll("\\{[^}]*\\}", ""), is(ours(exported).replaceAll("\\{[^}]*\\}", "")));
    }

    @Test
    void theServersAreExportedAsTheyArePrinted() throws Exception {
        Matcher example = EXAMPLE.matcher(Files.readString(Path.of("docs/configuration-as-code.md")));
        assertThat(example.find(), is(true));
        assertThat(servers(export()), is(servers(example.group(1))));
    }

    /** But for the certificate, which is a reference in one and a text in the other. */
    private static Object servers(String yaml) {
        Map<String, Map<String, Map<String, List<Map<String, Object>>>>> all = new Yaml().load(yaml);
        List<Map<String, Object>> servers =
                all.get("unclassified").get("proxmoxVe").get("servers");
        servers.forEach(server -> server.remove("caCertificates"));
        return servers;
    }
}
