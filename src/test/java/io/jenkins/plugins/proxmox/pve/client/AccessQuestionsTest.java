package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.access.PasswordWhitespace;
import io.jenkins.plugins.proxmox.pve.access.Realm;
import io.jenkins.plugins.proxmox.pve.access.Role;
import io.jenkins.plugins.proxmox.pve.access.UserAccount;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the server tells about realms, roles and rights, and failures about the server's clock. */
@ParameterizedClass
@EnumSource(Generation.class)
class AccessQuestionsTest {

    private static final String UUID = "00000000-0000-0000-0000-000000000000";

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster cluster;

    AccessQuestionsTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
    }

    private ProxmoxClient client(Authentication identity) {
        return new ProxmoxClient(cluster.settings(identity));
    }

    @Test
    void asksForTheRealmsWithoutAuthentication() throws Exception {
        try (ProxmoxClient wrongToken = client(ExampleCluster.token("ghost@nowhere!ci", UUID));
                ProxmoxClient wrongPassword = client(new TicketLogin("ghost@nowhere", "wrong"))) {
            for (ProxmoxClient client : List.of(wrongToken, wrongPassword)) {
                assertThat(Set.copyOf(client.realms()), is(Set.of(new Realm("pam", "pam"), new Realm("pve", "pve"))));
            }
        }
        for (var request : proxmox.requests()) {
            assertThat(request.toString(), is("GET /access/domains"));
            assertThat(request.headers().containsKey("authorization"), is(false));
            assertThat(request.headers().containsKey("cookie"), is(false));
        }
    }

    @Test
    void readsTheRolesOfTheServer() throws Exception {
        try (ProxmoxClient limited = client(ExampleCluster.token("jenkins@pve!limited", cluster.limitedSecret()))) {
            assertThat(limited.roles(), hasItem(new Role("PVETemplateUser", Set.of("VM.Audit", "VM.Clone"), true)));
            assertThat(limited.roles(), hasItem(new Role("NoAccess", Set.of(), true)));
        }
    }

    @Test
    void tellsAnAuditorTheRightsOfAUser() throws Exception {
        try (ProxmoxClient auditor = client(ExampleCluster.token("auditor@pve!ci", cluster.auditorSecret()));
                ProxmoxClient ci = new ProxmoxClient(cluster.settings())) {
            assertThat(auditor.permissionsOf("jenkins@pve", "/vms/100").on("/vms/100"), hasItem("VM.PowerMgmt"));
            var denied =
                    assertThrows(PermissionDeniedException.class, () -> ci.permissionsOf("jenkins@pve", "/vms/100"));
            assertThat(denied.aclPath(), is("/access"));
        }
    }

    @Test
    void tellsALoginItsOwnAccountAndATokenNone() throws Exception {
        Instant end = Instant.ofEpochSecond(4_000_000_000L);
        proxmox.access().expire("jenkins@pve", end.getEpochSecond());
        try (ProxmoxClient login = client(new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD));
                ProxmoxClient ci = new ProxmoxClient(cluster.settings())) {
            assertThat(login.accounts(), contains(new UserAccount("jenkins@pve", end, Map.of())));
            assertThat(ci.accounts(), is(empty()));
            assertThrows(PermissionDeniedException.class, () -> login.account("jenkins@pve"));
            assertThrows(PermissionDeniedException.class, () -> ci.account("jenkins@pve"));
        }
    }

    @Test
    void tellsAnAuditorAnAccountWithItsTokens() throws Exception {
        try (ProxmoxClient auditor = client(ExampleCluster.token("auditor@pve!ci", cluster.auditorSecret()))) {
            UserAccount jenkins = auditor.account("jenkins@pve");
            assertThat(jenkins.expires(), is(nullValue()));
            assertThat(jenkins.tokens().get("ci"), is(new UserAccount.Token(false, null)));
            assertThat(jenkins.tokens().get("limited"), is(new UserAccount.Token(true, null)));
            assertThat(jenkins.tokens().get("expired").expires().isBefore(Instant.now()), is(true));
            assertThat(auditor.accounts(), hasItem(new UserAccount("root@pam", null, Map.of())));
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "7200", "-7200"})
    void tellsHowFarTheClockOfTheServerIsAhead(long seconds) throws Exception {
        proxmox.clockAhead(Duration.ofSeconds(seconds));
        try (ProxmoxClient client = client(ExampleCluster.token("jenkins@pve!ci", UUID))) {
            var refused = assertThrows(AuthenticationFailedException.class, client::version);
            long error = refused.failure().clockAhead().getSeconds() - seconds;
            assertThat(Math.abs(error) < 30, is(true));
        }
    }

    @Test
    void knowsNothingOfTheClockWhereTheAnswerDoesNotTell() throws Exception {
        proxmox.inject(request -> true, new Fault.Answer(401, "No ticket", "text/plain", ""));
        try (ProxmoxClient client = client(ExampleCluster.token("jenkins@pve!ci", UUID))) {
            var refused = assertThrows(AuthenticationFailedException.class, client::version);
            assertThat(refused.failure().clockAhead(), is(nullValue()));
        }
    }

    @Test
    void readsPrivilegesThatAreAllNeeded() throws Exception {
        String reason = "Permission check failed (/, VM.PowerMgmt && VM.Config.Disk)";
        proxmox.inject(request -> true, new Fault.Refuse(403, reason));
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings())) {
            var denied = assertThrows(PermissionDeniedException.class, client::version);
            assertThat(denied.aclPath(), is("/"));
            assertThat(denied.privileges(), contains("VM.PowerMgmt", "VM.Config.Disk"));
            assertThat(denied.isAnyOfThemEnough(), is(false));
        }
    }

    @Test
    void tellsOfAPasswordOnlyWhatStandsAtItsEnds() {
        assertThat(PasswordWhitespace.of("correct horse"), is(PasswordWhitespace.VISIBLE));
        assertThat(PasswordWhitespace.of("correct horse\n"), is(PasswordWhitespace.LINE_BREAK));
        assertThat(PasswordWhitespace.of("correct horse\r\n"), is(PasswordWhitespace.LINE_BREAK));
        assertThat(PasswordWhitespace.of(" correct horse"), is(PasswordWhitespace.BLANK));
        assertThat(PasswordWhitespace.of("correct horse\u00a0"), is(PasswordWhitespace.BLANK));
        assertThat(PasswordWhitespace.of("\ufeffcorrect horse"), is(PasswordWhitespace.BLANK));
    }

    @Test
    void tellsTheShapeOfASecretOnly() throws Exception {
        try (ProxmoxClient token = client(ExampleCluster.token("jenkins@pve!ci", UUID));
                ProxmoxClient login = client(new TicketLogin("jenkins@pve", "password"))) {
            assertThat(token.secretShape(), is(SecretShape.UUID));
            assertThat(login.secretShape(), is(nullValue()));
            assertThat(login.passwordEnds(), is(PasswordWhitespace.VISIBLE));
            assertThat(token.passwordEnds(), is(nullValue()));
        }
        assertThat(SecretShape.of(""), is(SecretShape.EMPTY));
        assertThat("sent without it", SecretShape.of(UUID + "\n"), is(SecretShape.UUID));
        assertThat(SecretShape.of(UUID + "\n" + UUID), is(SecretShape.WITH_BLANKS));
        assertThat(SecretShape.of(UUID + "\u00a0" + UUID), is(SecretShape.WITH_BLANKS));
        assertThat(SecretShape.of(" \n"), is(SecretShape.EMPTY));
        assertThat(SecretShape.of("'" + UUID + "'"), is(SecretShape.QUOTED));
        assertThat(SecretShape.of("\u201e" + UUID + "\u201c"), is(SecretShape.QUOTED));
        assertThat(SecretShape.of("jenkins@pve!ci=" + UUID), is(SecretShape.WHOLE_HEADER));
        assertThat(SecretShape.of("PVEAPIToken=" + UUID), is(SecretShape.WHOLE_HEADER));
        assertThat(SecretShape.of(UUID.substring(1)), is(SecretShape.OTHER));
    }
}
