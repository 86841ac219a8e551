package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.pve.access.PasswordWhitespace;
import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class SecretPropertiesTest {

    private static final String[] WORDS = {
        "PVEAPIToken=",
        "Authorization: ",
        "jenkins@pve!ci",
        "=",
        "!",
        "@",
        "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        " ",
        "\"",
        "\n"
    };

    @Provide
    Arbitrary<String> tokens() {
        return HostileText.near("identities", WORDS);
    }

    @Provide
    Arbitrary<String> longTokens() {
        return HostileText.repeated(WORDS);
    }

    @Fuzzed
    void aTokenIsReadOrRefusedWithoutItsSecret(@ForAll("tokens") String text) {
        try {
            ApiToken token = ApiToken.parse(text);
            assertThat(ApiToken.parse(token.headerValue()), is(token));
            // one header, in one line
            assertThat(token.headerValue(), matchesPattern("PVEAPIToken=[^\\p{Cc}]+"));
            assertThat(HostileText.isPlain(token.headerValue()), is(true));
            assertThat(token.toString(), is("API token " + token.identity()));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
        try {
            ApiToken.parse(text + "=7d0c7d0c\n7d0c");
        } catch (IllegalArgumentException e) {
            assertThat(HostileText.wordsOf(e), not(containsString("7d0c")));
        }
    }

    @Fuzzed
    void aLoginIsAcceptedOrRefusedWithWords(@ForAll("tokens") String user, @ForAll("tokens") String password) {
        try {
            TicketLogin login = new TicketLogin(user, password);
            assertThat(HostileText.isPlain(login.identity()), is(true));
            assertThat(login.toString(), is("ticket login of " + login.userId()));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void everySecretHasAShape(@ForAll("tokens") String text) {
        SecretShape shape = SecretShape.of(text);
        assertThat(SecretShape.of(" " + text + "\n"), is(shape));
        assertThat(shape == SecretShape.UUID, is(ApiToken.isUuid(SafeText.trimmed(text))));
        PasswordWhitespace.of(text);
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longSecretsAreReadAtOnce(@ForAll("longTokens") String text) {
        aTokenIsReadOrRefusedWithoutItsSecret(text);
        aLoginIsAcceptedOrRefusedWithWords(text, text);
        everySecretHasAShape(text);
    }
}
