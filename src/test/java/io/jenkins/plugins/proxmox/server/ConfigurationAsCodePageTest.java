package io.jenkins.plugins.proxmox.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.util.Secret;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** The example of {@code docs/configuration-as-code.md} is loaded as it stands, and exported as it was loaded. */
@WithJenkins
class ConfigurationAsCodePageTest {

    @TempDir
    private Path folder;

    private static String example() throws Exception {
        Matcher block = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("docs/configuration-as-code.md")));
        assertThat("the page has an example", block.find(), is(true));
        return block.group(1);
    }

    private void load(String yaml) throws Exception {
        Path file = folder.resolve("jenkins.yaml");
        Files.writeString(file, yaml);
        ConfigurationAsCode.get().configure(file.toString());
    }

    private static String exported() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theExampleIsLoadedAndComesBackWhole(JenkinsRule jenkins) throws Exception {
        String secret = "0f1e2d3c-4b5a-4678-9abc-def012345678";
        load(example().replace("${PROXMOX_CI_SECRET}", secret));
        List<ProxmoxServer> servers = ProxmoxConfiguration.get().getServers();
        assertThat(servers.stream().map(ProxmoxServer::getName).toList(), is(List.of("lab", "office")));
        assertThat(servers.get(0).getFolders(), is(List.of("team-a/**", "ops")));
        assertThat(servers.get(0).getConnectTimeout(), is(5));
        assertThat(servers.get(0).getResponseTimeout(), is(30));
        assertThat(servers.get(1).getFolders(), is(List.of()));
        ProxmoxApiToken token = (ProxmoxApiToken)
                SystemCredentialsProvider.getInstance().getCredentials().get(0);
        assertThat(token.getTokenId(), is("jenkins@pve!ci"));
        assertThat(Secret.toString(token.getSecret()), is(secret));

        String first = exported();
        assertThat(first, containsString("team-a/**"));
        assertThat(first, not(containsString(secret)));
        ProxmoxConfiguration.get().setServers(List.of());
        String unclassified = first.substring(first.indexOf("  proxmoxVe:"));
        String ours = unclassified
                .lines()
                .takeWhile(line -> line.startsWith("  proxmoxVe:") || line.startsWith("    "))
                .reduce("unclassified:", (all, line) -> all + "\n" + line);
        load(ours + "\n");
        assertThat(exported().contains(ours.substring("unclassified:\n".length())), is(true));
    }
}
