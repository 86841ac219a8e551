package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a server writes into its answers is shown as text, and is not believed to be anything else. */
@ParameterizedClass
@EnumSource(Generation.class)
class HostileServerTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @AutoClose
    private final Explained explained;

    HostileServerTest(Generation generation) {
        explained = new Explained(generation);
    }

    static List<String> hostileTexts() {
        return List.of(
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "' onmouseover='alert(1)",
                "&lt;script&gt; &amp;",
                "{0} {1,number} {10} '{' it's",
                "{", // an open argument of a MessageFormat
                "$(reboot) `reboot` ; reboot # \\",
                "x".repeat(20_000));
    }

    private Explained limited() throws Exception {
        return explained.as(
                ExampleCluster.token("jenkins@pve!limited", explained.cluster.limitedSecret()), ProxmoxClient::version);
    }

    private void assertShows(String hostile) throws Exception {
        RenderingTest.assertInert(explained.diagnosis);
        String shown = SafeText.singleLine(hostile);
        assertThat(
                explained.diagnosis.toPlainText().replaceAll("\\s+", " "),
                containsString(shown.substring(0, Math.min(400, shown.length()))));
        assertThat(explained.diagnosis.toPlainText().length(), is(lessThan(20_000)));
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void mayWriteAnythingIntoAReasonPhrase(String hostile) throws Exception {
        for (int status : new int[] {400, 401, 403, 500, 501, 595, 596}) {
            explained.proxmox.inject(
                    request -> true, new Fault.Answer(status, hostile, "application/json", "{\"data\":null}"));
            limited();
            assertShows(hostile);
        }
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void mayWriteAnythingIntoABody(String hostile) throws Exception {
        String body = JSON.writeValueAsString(
                Map.of("data", 0, "message", hostile + "\nsecond line\n", "errors", Map.of("a" + hostile, hostile)));
        for (int status : new int[] {400, 401, 403, 500, 501, 595}) {
            explained.proxmox.inject(request -> true, new Fault.Answer(status, "no", "application/json", body));
            limited();
            assertShows(hostile);
        }
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void mayAskForAnyPrivilegeOnAnyPath(String hostile) throws Exception {
        String path = "/" + hostile.replaceAll("[(),|]|&&", "");
        explained.proxmox.inject(
                request -> true,
                new Fault.Answer(
                        403,
                        "Permission check failed (" + path + ", VM.Audit)",
                        "application/json",
                        "{\"data\":null}"));
        limited();
        RenderingTest.assertInert(explained.diagnosis);
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void mayNameItsRealmsRolesAndNodesAsItLikes(String hostile) throws Exception {
        answerTo("/access/domains", List.of(Map.of("realm", hostile, "type", "pve")));
        explained.as(
                ExampleCluster.token("ghost@pve!ci", "00000000-0000-0000-0000-000000000000"), ProxmoxClient::version);
        assertShows(hostile);

        answerTo("/access/roles", List.of(Map.of("roleid", hostile, "privs", "VM.Audit")));
        answerTo("/access/permissions", Map.of("/" + hostile, Map.of("VM." + hostile, 1)));
        explained.refuse(403, "Permission check failed (/vms/100, VM.Audit)");
        limited();
        RenderingTest.assertInert(explained.diagnosis);

        answerTo("/nodes", List.of(Map.of("node", hostile, "status", hostile)));
        explained.refuse(595, "Connection refused");
        limited();
        RenderingTest.assertInert(explained.diagnosis);

        explained.refuse(501, "Method 'GET /version' not implemented");
        answerTo("/version", Map.of("version", hostile, "release", hostile));
        limited();
        RenderingTest.assertInert(explained.diagnosis);
    }

    private void answerTo(String path, Object data) throws Exception {
        String body = JSON.writeValueAsString(Map.of("data", data));
        explained.proxmox.inject(
                request -> request.path().equals(path), new Fault.Answer(200, "OK", "application/json", body));
    }

    @Test
    void mayChallengeAsItLikes() throws Exception {
        String challenge = "Basic realm=\"<script>alert(1)</script> {0} '\"";
        explained.proxmox.inject(request -> true, new Fault.Challenge(challenge));
        limited().hasCauses("reverse-proxy-login");
        assertShows(challenge);
    }
}
