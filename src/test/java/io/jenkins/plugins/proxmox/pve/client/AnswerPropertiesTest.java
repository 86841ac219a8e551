package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.Realm;
import io.jenkins.plugins.proxmox.pve.access.Role;
import io.jenkins.plugins.proxmox.pve.access.UserAccount;
import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileJson;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.HttpAnswer;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.model.ClusterResources;
import io.jenkins.plugins.proxmox.pve.model.GuestActivity;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestInterface;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestProcess;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestSystem;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.HaStatus;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import io.jenkins.plugins.proxmox.pve.model.Snapshot;
import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.TaskSummary;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.Redaction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class AnswerPropertiesTest {

    private static final ApiRequest READ = ApiRequest.get(ApiPath.of("nodes", "pve1", "qemu", 100));
    private static final String SECRET = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    private static final Instant NOW = Instant.EPOCH;

    /** What reads texts that may have lines, or that its readers make safe. */
    private static final List<Function<JsonNode, Object>> RAW = List.of(
            Permissions::listFrom,
            GuestConfig::from,
            GuestProcess::from,
            data -> Listing.of(data, Snapshot::from),
            data -> data);

    /** What reads texts that are shown as they are. */
    private static final List<Function<JsonNode, Object>> PLAIN = List.of(
            ServerVersion::from,
            data -> Listing.of(data, NodeResource::from),
            data -> ListedGuest.listFrom(data, NOW),
            data -> ClusterResources.of(ClusterResources.listFrom(data, NOW)),
            data -> GuestStatus.from(new GuestLocation("pve1", GuestType.QEMU, 100), data, NOW),
            data -> Upid.parse(data.asText()),
            TaskStatus::from,
            data -> Listing.of(data, TaskSummary::from),
            data -> Listing.of(data, Role::from),
            data -> Listing.of(data, Realm::from),
            data -> UserAccount.from("jenkins@pve", data),
            data -> Listing.of(data, UserAccount::listed),
            HaStatus::from,
            data -> GuestSystem.from(data.path("result")),
            data -> Listing.of(data.path("result"), GuestInterface::from),
            data -> Listing.of(data, GuestInterface::from),
            data -> Listing.of(data, GuestActivity::from));

    @Provide
    Arbitrary<String> bodies() {
        return HostileJson.bodies();
    }

    @Provide
    Arbitrary<String> reasons() {
        return HostileText.near("errors", "Permission check failed", "(/vms/100, ", "VM.Audit", "|", ")", ": 403 ");
    }

    @Provide
    Arbitrary<Integer> statuses() {
        return Arbitraries.frequency(
                Tuple.of(1, 200),
                Tuple.of(3, 400),
                Tuple.of(3, 401),
                Tuple.of(3, 403),
                Tuple.of(3, 500),
                Tuple.of(1, 501),
                Tuple.of(1, 503),
                Tuple.of(1, 595),
                Tuple.of(1, 302));
    }

    private static HttpAnswer answer(int status, String reason, String body) {
        return new HttpAnswer(
                new ServerAddress("pve1", 8006),
                status,
                reason,
                body.getBytes(StandardCharsets.UTF_8),
                "pve-api-daemon/3.0",
                null,
                null,
                null,
                null,
                Duration.ZERO);
    }

    private static Object read(HttpAnswer answer, Function<JsonNode, Object> reader) throws ProxmoxException {
        return AnswerReader.read(READ, answer, "jenkins@pve!ci", new Redaction(SECRET), reader);
    }

    @Fuzzed(inputs = 2000)
    void everyGoodAnswerIsReadOrRefused(@ForAll("bodies") String body) {
        HttpAnswer answer = answer(200, "OK", body);
        for (Function<JsonNode, Object> reader : RAW) {
            try {
                read(answer, reader);
            } catch (ProxmoxException e) {
                HostileText.wordsOf(e);
            }
        }
        for (Function<JsonNode, Object> reader : PLAIN) {
            try {
                String value = String.valueOf(read(answer, reader));
                assertThat(value, HostileText.isPlain(value), is(true));
            } catch (ProxmoxException e) {
                HostileText.wordsOf(e);
            }
        }
    }

    @Fuzzed
    void everyErrorIsExplainedInWords(
            @ForAll("statuses") int status, @ForAll("reasons") String reason, @ForAll("bodies") String body) {
        try {
            read(answer(status, reason, body), data -> data);
        } catch (PermissionDeniedException e) {
            HostileText.wordsOf(e);
            assertThat(e.aclPath() == null || HostileText.isPlain(e.aclPath()), is(true));
            assertThat(e.aclPath() == null && !e.privileges().isEmpty(), is(false));
            e.privileges().forEach(privilege -> assertThat(HostileText.isPlain(privilege), is(true)));
        } catch (ProxmoxException e) {
            HostileText.wordsOf(e);
        }
    }

    @Provide
    Arbitrary<String> secrets() {
        return Arbitraries.strings().withCharRange('!', '~').ofMinLength(8).ofMaxLength(20);
    }

    /** A wrong address may lead to what repeats a request in its own way. */
    @Fuzzed(inputs = 2000)
    void noErrorShowsASecret(
            @ForAll("statuses") int status, @ForAll("secrets") String secret, @ForAll("reasons") String reason) {
        String json = "{\"data\":null,\"message\":" + HostileJson.quoted("got " + secret) + ",\"errors\":{\"password\":"
                + HostileJson.quoted(secret) + "}}";
        for (String body : List.of(secret, json, json.replace("/", "\\/"))) {
            try {
                AnswerReader.read(
                        READ, answer(status, reason + secret, body), "jenkins@pve!ci", new Redaction(secret), data -> {
                            throw new IllegalArgumentException("odd " + secret);
                        });
            } catch (ApiException e) {
                assertThat(e.getMessage(), not(containsString(secret)));
                assertThat(e.failure().serverSaid(), not(containsString(secret)));
            } catch (NotProxmoxException e) {
                assertThat(e.getMessage(), not(containsString(secret)));
                assertThat(e.answer().serverSaid(), not(containsString(secret)));
            } catch (ProxmoxException e) {
                assertThat(e.getMessage(), not(containsString(secret)));
            }
        }
    }

    @Provide
    Arbitrary<String> longTexts() {
        return HostileText.repeated(
                "(/vms/100, VM.Audit",
                "|",
                "can't lock file '",
                "VM is locked (",
                "pool '",
                "token '",
                "user '",
                "[",
                "{\"a\":",
                ",",
                " ");
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longAnswersAreReadAtOnce(@ForAll("longTexts") String text) {
        everyErrorIsExplainedInWords(500, text, text);
        everyErrorIsExplainedInWords(403, text, "{\"data\":null,\"message\":" + HostileJson.quoted(text) + "}");
        everyErrorIsExplainedInWords(400, "", "{\"data\":null,\"errors\":{" + HostileJson.quoted(text) + ":\"x\"}}");
        everyGoodAnswerIsReadOrRefused("{\"data\":" + text);
        everyGoodAnswerIsReadOrRefused("{\"data\":" + HostileJson.quoted(text) + "}");
        everyGoodAnswerIsReadOrRefused("{\"data\":{" + HostileJson.quoted("/" + text) + ":{}}}");
    }
}
