package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.isA;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.UserAccount;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.HttpAnswer;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.model.GuestActivity;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.Snapshot;
import io.jenkins.plugins.proxmox.pve.text.Redaction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are not what they seem. */
class AnswerReaderTest {

    private static final ApiRequest REQUEST = ApiRequest.get(ApiPath.of("version"));

    private static ProxmoxException refusal(int status, String body, Function<JsonNode, Object> reader) {
        HttpAnswer answer = new HttpAnswer(
                new ServerAddress("pve1", 8006),
                status,
                "refused",
                body.getBytes(StandardCharsets.UTF_8),
                "pve-api-daemon/3.0",
                null,
                null,
                null,
                null,
                Duration.ZERO);
        return assertThrows(
                ProxmoxException.class,
                () -> AnswerReader.read(REQUEST, answer, "jenkins@pve", new Redaction("s\"cr\u00e9t"), reader));
    }

    /** JSON has many ways to write the same text. */
    @ParameterizedTest
    @ValueSource(strings = {"s\\\"cr\u00e9t", "s\\u0022cr\\u00e9t", "\\u0073\\\"cr\\u00E9t"})
    void removesASecretHoweverJsonWritesIt(String written) {
        for (int status : new int[] {400, 401, 403, 500}) {
            String body =
                    "{\"data\":null,\"message\":\"got " + written + "\",\"errors\":{\"password\":\"" + written + "\"}}";
            ApiException refusal = (ApiException) refusal(status, body, data -> data);
            assertThat(refusal.getMessage(), not(containsString("s\"cr\u00e9t")));
            assertThat(refusal.failure().serverSaid(), containsString("got ********"));
        }
    }

    @Test
    void refusesAnswersNestedDeeperThanAnyAnswer() {
        String deep = "[".repeat(500) + "]".repeat(500);
        assertThat(refusal(200, "{\"data\":" + deep + "}", data -> data), isA(NotProxmoxException.class));
    }

    /** A number that a long or a calendar cannot hold is none, and not another number. */
    @Test
    void takesNoNumberForAnotherOne() throws Exception {
        JsonNode guests = new ObjectMapper().readTree("[{\"vmid\":18446744073709551716,\"status\":\"running\"}]");
        assertThat(Listing.of(guests, GuestActivity::from), is(empty()));
        String time = "{\"data\":[{\"name\":\"one\",\"snaptime\":31556889864403200}]}";
        refusal(200, time, data -> Listing.of(data, Snapshot::from));
        refusal(200, "{\"data\":{\"expire\":31556889864403200}}", data -> UserAccount.from("jenkins@pve", data));
    }

    @Test
    void saysOnOneLineThatANodeIsNotReached() {
        String body = "{\"data\":null,\"message\":\"no route\\nfor anyone\"}";
        assertThat(refusal(595, body, data -> data).getMessage(), containsString("no route for anyone"));
    }

    @Test
    void refusesAnAclPathOfAThousandParts() {
        refusal(200, "{\"data\":{\"" + "/a".repeat(1000) + "\":{\"VM.Audit\":1}}}", Permissions::listFrom);
    }
}
