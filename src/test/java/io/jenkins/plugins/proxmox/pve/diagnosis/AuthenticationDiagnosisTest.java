package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.access.TokenId;
import io.jenkins.plugins.proxmox.pve.client.ApiToken;
import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every cause of a 401. An 8.x server names it; a newer one leaves a choice. */
@ParameterizedClass
@EnumSource(Generation.class)
class AuthenticationDiagnosisTest {

    private static final String UUID = "00000000-0000-0000-0000-000000000000";
    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);
    private static final Explained.Call START = client -> client.power(VM_100, PowerAction.START, Map.of());

    private static final List<String> REMAINING =
            List.of("secret-wrong", "token-unknown", "token-expired", "user-disabled", "user-expired", "user-unknown");

    @AutoClose
    private final Explained explained;

    AuthenticationDiagnosisTest(Generation generation) {
        explained = new Explained(generation);
    }

    private Explained token(String tokenId, String secret) throws Exception {
        return explained.as(ExampleCluster.token(tokenId, secret), ProxmoxClient::version);
    }

    private String headline(String identity, String onV8) {
        String refused = "Proxmox VE at $ does not accept " + identity + ".";
        return explained.generation == Generation.V8 ? refused + " " + onV8 : refused;
    }

    private String newSecret() {
        return explained.generation == Generation.V8
                ? "pveum user token add jenkins@pve ci2 --privsep 1"
                : "pveum user token modify jenkins@pve ci --regenerate 1";
    }

    @Test
    void tellsThatTheSecretIsWrong() throws Exception {
        token("jenkins@pve!ci", UUID)
                .hasHeadline(headline("jenkins@pve!ci", "The secret of jenkins@pve!ci is wrong."))
                .hasCauses(List.of("secret-wrong"), REMAINING)
                .hasCommands(
                        "secret-wrong",
                        "IFS= read -rsp 'Secret: ' s; grep -qFxf - /etc/pve/priv/token.cfg"
                                + " <<< 'jenkins@pve!ci'\" $s\" && echo right || echo wrong; unset s",
                        newSecret())
                .found(Result.OK, "The secret has the format of a Proxmox VE secret.")
                .found(Result.OK, "The clocks of Jenkins and the server agree.");
    }

    @Test
    void quotesTheServer() throws Exception {
        token("jenkins@pve!ci", UUID);
        String reason = explained.generation == Generation.V8 ? "invalid token value!" : "Authentication failed!";
        assertThat(explained.diagnosis.serverSaid(), is(new ServerQuote(401, reason, null)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        "b3c1f2aa-0d4e-4c5f-9a6b-7c8d9e0f1a2b"               | it is in quotation marks
        'b3c1f2aa-0d4e-4c5f-9a6b-7c8d9e0f1a2b'               | it is in quotation marks
        PVEAPIToken=a@pve!b=b3c1f2aa-0d4e-4c5f-9a6b-7c8d9e0f1a2b | it also contains the token ID or the whole header
        jenkins@pve!ci=b3c1f2aa-0d4e-4c5f-9a6b-7c8d9e0f1a2b  | it also contains the token ID or the whole header
        b3c1f2aa-0d4e-4c5f-9a6b-7c8d9e0f1a2                  | it has another format
        password                                             | it has another format
        """)
    void tellsThatTheSecretIsMalformed(String secret, String why) throws Exception {
        token("jenkins@pve!ci", secret)
                .hasCauses(
                        List.of("secret-malformed"),
                        List.of(
                                "secret-malformed",
                                "token-unknown",
                                "token-expired",
                                "user-disabled",
                                "user-expired",
                                "user-unknown"))
                .hasCommands("secret-malformed", newSecret())
                .found(Result.NOT_OK, "The secret cannot be right: " + why + ".");
        assertThat(
                explained.cause("secret-malformed").sentence(),
                is("The secret of jenkins@pve!ci cannot come from Proxmox VE: " + why + "."));
    }

    @Test
    void tellsThatTheTokenIsUnknown() throws Exception {
        token("jenkins@pve!nope", UUID)
                .hasCauses(List.of("token-unknown"), REMAINING)
                .hasCommands(
                        "token-unknown",
                        "pveum user token list jenkins@pve",
                        "pveum user token add jenkins@pve nope --privsep 1");
    }

    @Test
    void tellsThatTheTokenHasExpired() throws Exception {
        token("jenkins@pve!expired", explained.cluster.expiredSecret())
                .hasHeadline(headline("jenkins@pve!expired", "The token jenkins@pve!expired has expired."))
                .hasCauses(List.of("token-expired"), REMAINING)
                .hasCommands(
                        "token-expired",
                        "pveum user token list jenkins@pve",
                        "pveum user token modify jenkins@pve expired --expire 0");
    }

    @Test
    void tellsThatTheUserIsDisabled() throws Exception {
        token("off@pve!ci", explained.cluster.offSecret())
                .hasCauses(List.of("user-disabled"), REMAINING)
                .hasCommands("user-disabled", "pveum user list", "pveum user modify off@pve --enable 1");
    }

    @Test
    void tellsThatTheUserHasExpired() throws Exception {
        explained.proxmox.access().expire("auditor@pve");
        token("auditor@pve!ci", explained.cluster.auditorSecret())
                .hasCauses(List.of("user-expired"), REMAINING)
                .hasCommands("user-expired", "pveum user list", "pveum user modify auditor@pve --expire 0");
    }

    @Test
    void tellsThatTheUserIsUnknown() throws Exception {
        token("ghost@pve!ci", UUID)
                .hasCauses(List.of("user-unknown"), REMAINING)
                .hasCommands("user-unknown", "pveum user list", "pveum user add ghost@pve")
                .found(Result.OK, "The realm pve exists on the server.")
                .asked("GET /access/domains");
    }

    @Test
    void tellsThatTheRealmIsUnknownWhateverTheServerSays() throws Exception {
        token("jenkins@nowhere!ci", UUID)
                .hasHeadline("Proxmox VE at $ does not accept jenkins@nowhere!ci."
                        + " The realm nowhere of jenkins@nowhere does not exist on the server.")
                .hasCauses("realm-unknown")
                .hasCommands("realm-unknown", "pveum realm list")
                .found(Result.NOT_OK, "The realm nowhere does not exist on the server. It has: pam and pve.")
                .asked("GET /access/domains");
    }

    @Test
    void asksForTheRealmsWithoutAuthentication() throws Exception {
        token("ghost@pve!ci", UUID);
        assertThat(explained.proxmox.requests().get(0).headers().containsKey("authorization"), is(false));
        assertThat(explained.proxmox.requests(), hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no tokenid specified",
                "'jenkins@pve' is not a valid token ID - not able to split into user and token parts"
            })
    void tellsThatTheTokenIdIsMalformed(String reason) throws Exception {
        explained.refuse(401, reason);
        token("jenkins@pve!ci", UUID)
                .hasCauses("token-id-malformed")
                .hasCommands("token-id-malformed", "pveum user list --full 1")
                .asked();
    }

    @Test
    void tellsThatNothingArrived() throws Exception {
        explained.refuse(401, "No ticket");
        token("jenkins@pve!ci", UUID)
                .hasCauses("nothing-arrived")
                .hasCommands("nothing-arrived", "pveversion")
                .asked();
    }

    @Test
    void namesAReverseProxyThatWantsItsOwnLogin() throws Exception {
        explained.proxmox.inject(request -> true, new Fault.Challenge("Basic realm=\"staff only\""));
        token("jenkins@pve!ci", UUID)
                .hasCauses("reverse-proxy-login")
                .hasCommands(
                        "reverse-proxy-login",
                        "curl -ki https://" + explained.proxmox.address() + "/api2/json/access/domains")
                .found(
                        Result.NOT_OK,
                        "The answer asks for a separate login, which Proxmox VE never does:"
                                + " Basic realm=\"staff only\"")
                .asked();
    }

    /** proxmox-rest-server, rest.rs, and proxmox-auth-api, access.rs; the first wording is that of January 2026 on. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        authentication failed                                           | token
        authentication failed - no authentication credentials provided. | token
        authentication failed - invalid credentials                     | token
        permission check failed.                                        | login
        """)
    void namesABackupServer(String body, String identity) throws Exception {
        explained.proxmox.inject(
                request -> true, new Fault.Answer(401, "Unauthorized", "application/json;charset=UTF-8", body));
        Authentication who = identity.equals("token")
                ? ExampleCluster.token("jenkins@pve!ci", UUID)
                : new TicketLogin("jenkins@pve", "wrong");
        explained
                .as(who, ProxmoxClient::version)
                .hasCauses("backup-server")
                .hasHeadline(
                        "$ did not answer like Proxmox VE." + " $ is a Proxmox Backup Server, not a Proxmox VE server.")
                .hasCommands("backup-server", "pveversion")
                .asked();
    }

    @Test
    void takesThePlainWordsOfAReverseProxyForNoneOfProxmox() throws Exception {
        explained.proxmox.inject(request -> true, new Fault.Answer(401, "Unauthorized", "text/plain", "Login, please"));
        token("jenkins@pve!ci", UUID)
                .hasCauses("reverse-proxy-login")
                .found(
                        Result.NOT_OK,
                        explained.proxmox.address() + " is not the API of a Proxmox VE server: it answered GET /version"
                                + " with 401 Unauthorized and \"Login, please\"."
                                + " Check the host and port. Proxmox VE listens on port 8006.");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void recognisesACsrfFailureUnderEitherStatus(int status) throws Exception {
        explained.refuse(status, "Permission denied - invalid csrf token");
        token("jenkins@pve!ci", explained.cluster.ciSecret())
                .hasCauses("csrf-token")
                .hasCommands("csrf-token", "pveum user token add jenkins@pve jenkins --privsep 1")
                .asked();
    }

    @Test
    void tellsThatThePasswordIsWrong() throws Exception {
        explained
                .as(new TicketLogin("jenkins@pve", "wrong"), ProxmoxClient::version)
                .hasHeadline("Proxmox VE at $ does not accept jenkins@pve.")
                .hasCauses("password-wrong", "user-unknown", "user-disabled", "user-expired")
                .hasCommands("password-wrong", "pveum ticket jenkins@pve", "pveum passwd jenkins@pve")
                .asked("GET /access/domains");
    }

    private static final String FROM_A_FILE = ExampleCluster.JENKINS_PASSWORD + "\n";

    @Test
    void namesAPasswordThatEndsWithALineBreak() throws Exception {
        explained
                .as(new TicketLogin("jenkins@pve\n", FROM_A_FILE), ProxmoxClient::version)
                .hasHeadline("Proxmox VE at $ does not accept jenkins@pve.")
                .hasCauses("password-ends", "password-wrong", "user-unknown", "user-disabled", "user-expired")
                .hasCommands("password-ends")
                .found(Result.NOT_OK, "The password ends with a line break, as passwords read from a file often do.");
        String everything = explained.diagnosis + explained.diagnosis.toPlainText() + explained.diagnosis.toHtml();
        assertThat(everything.contains(ExampleCluster.JENKINS_PASSWORD), is(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {" wrong", "wrong ", "wrong\u00a0", "\ufeffwrong", "wrong\u200b"})
    void namesAPasswordWithSomethingAtItsEndsThatNobodySees(String password) throws Exception {
        explained
                .as(new TicketLogin("jenkins@pve", password), ProxmoxClient::version)
                .hasCauses("password-ends", "password-wrong", "user-unknown", "user-disabled", "user-expired")
                .found(Result.NOT_OK, "The password begins or ends with a space or an invisible character.");
    }

    /** It may belong to the password. */
    @Test
    void sendsALineBreakAtTheEndOfAPassword() throws Exception {
        explained.proxmox.access().password("jenkins@pve", FROM_A_FILE);
        TicketLogin login = new TicketLogin("jenkins@pve", FROM_A_FILE);
        try (ProxmoxClient client = new ProxmoxClient(explained.cluster.settings(login))) {
            client.version();
        }
    }

    @Test
    void authenticatesWithATokenReadFromFiles() throws Exception {
        ApiToken token = new ApiToken(TokenId.parse("jenkins@pve!ci\n"), explained.cluster.ciSecret() + "\n");
        try (ProxmoxClient client = new ProxmoxClient(explained.cluster.settings(token))) {
            client.version();
        }
    }

    @Test
    void tellsThatTheRealmOfALoginIsUnknown() throws Exception {
        explained
                .as(new TicketLogin("jenkins@ldap", "wrong"), ProxmoxClient::version)
                .hasCauses("realm-unknown");
    }

    @Test
    void tellsThatASecondFactorIsRequired() throws Exception {
        explained
                .as(new TicketLogin("tfa@pve", ExampleCluster.JENKINS_PASSWORD), ProxmoxClient::version)
                .hasHeadline("Proxmox VE at $ does not accept tfa@pve. The password is right, but the account tfa@pve"
                        + " requires a second factor, which Jenkins cannot provide.")
                .hasCauses("second-factor")
                .hasCommands("second-factor", "pveum user token add tfa@pve jenkins --privsep 1")
                .asked();
    }

    /** The client logs in again once by itself; only if the new ticket is refused too, somebody sees it. */
    private Explained ticketRefused() throws Exception {
        String reason = explained.generation == Generation.V8
                ? "permission denied - invalid PVE ticket"
                : "Authentication failed!";
        for (int i = 0; i < 2; i++) {
            explained.proxmox.inject(request -> !request.isLogin(), new Fault.Answer(401, reason, "text/plain", ""));
        }
        return explained.as(new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD), START);
    }

    @Test
    void tellsThatTheTicketIsRefused() throws Exception {
        ticketRefused()
                .hasCauses(List.of("ticket-refused"), List.of("ticket-refused", "user-disabled", "user-expired"))
                .hasCommands("ticket-refused", "pvecm nodes", "ls -l /etc/pve/authkey.pub")
                .asked();
    }

    @ParameterizedTest
    @CsvSource({"3600, ahead of", "-3600, behind"})
    void tellsThatTheClocksAreApart(long seconds, String direction) throws Exception {
        explained.proxmox.clockAhead(Duration.ofSeconds(seconds));
        token("jenkins@pve!expired", explained.cluster.expiredSecret());
        List<String> ids = explained.diagnosis.causes().stream().map(Cause::id).toList();
        assertThat(ids.get(ids.size() - 1), is("clocks-apart"));
        explained.hasCommands("clocks-apart", "timedatectl", "chronyc tracking");
        assertThat(
                explained.diagnosis.findings().stream()
                        .anyMatch(f -> f.result() == Result.NOT_OK
                                && f.sentence()
                                        .matches("The clock of the server is 3[56]\\d\\d seconds " + direction
                                                + " the clock of Jenkins\\.")),
                is(true));
    }

    @Test
    void quotesForTheShell() throws Exception {
        token("o'brien;reboot@pve!ci", UUID)
                .hasCommands("user-unknown", "pveum user list", "pveum user add 'o'\\''brien;reboot@pve'");
    }

    @Test
    void keepsTheSecretOutOfEveryRendering() throws Exception {
        String secret = "not-a-uuid-but-secret";
        // an address of something else may send back what it got
        explained.refuse(401, "PVEAPIToken=jenkins@pve!ci=" + secret);
        explained
                .as(ExampleCluster.token("jenkins@pve!ci", secret), START)
                .hasCauses(
                        "secret-malformed",
                        "token-unknown",
                        "token-expired",
                        "user-disabled",
                        "user-expired",
                        "user-unknown");
        String everything = explained.diagnosis + explained.diagnosis.toPlainText() + explained.diagnosis.toHtml();
        assertThat(everything.contains(secret), is(false));
    }
}
