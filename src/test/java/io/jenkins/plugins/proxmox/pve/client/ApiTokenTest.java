package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.access.TokenId;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTokenTest {

    private static final String SECRET = "b3c1f2aa-0d4e-4c5f-9a6b-7c8d9e0f1a2b";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jenkins@pve!ci=" + SECRET,
                "  jenkins@pve!ci=" + SECRET + "\n",
                "PVEAPIToken=jenkins@pve!ci=" + SECRET,
                "PVEAPIToken jenkins@pve!ci=" + SECRET,
                "Authorization: PVEAPIToken=jenkins@pve!ci=" + SECRET,
                "authorization:PVEAPIToken=jenkins@pve!ci=" + SECRET,
                "\ufeffjenkins@pve!ci=" + SECRET + "\r\n",
                "\u00a0jenkins@pve!ci=" + SECRET + "\u200b"
            })
    void readsTheFormsInWhichItTravels(String text) {
        ApiToken token = ApiToken.parse(text);
        assertThat(token, is(new ApiToken(TokenId.parse("jenkins@pve!ci"), SECRET)));
        assertThat(token.headerValue(), is("PVEAPIToken=jenkins@pve!ci=" + SECRET));
        assertThat(token.identity(), is("jenkins@pve!ci"));
    }

    @Test
    void keepsEqualsSignsOfTheSecret() {
        assertThat(ApiToken.parse("jenkins@pve!ci=a=b=").secret(), is("a=b="));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                SECRET,
                "jenkins@pve!ci",
                "jenkins@pve!ci:" + SECRET,
                "jenkins@pve=" + SECRET,
                "jenkins!ci=" + SECRET,
                "jenkins@pve!ci=",
                "jenkins@pve!ci=" + SECRET + " " + SECRET,
                "jenkins@pve!ci=" + SECRET + "\r\nX-Evil: 1"
            })
    void refusesOtherTextsWithoutRepeatingThem(String text) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ApiToken.parse(text));
        assertThat(refusal.getMessage(), not(containsString(SECRET)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\nb", "a\r\nb", "ä", "\u0000"})
    void refusesASecretThatNoHeaderCanHold(String secret) {
        TokenId id = TokenId.parse("jenkins@pve!ci");
        var refusal = assertThrows(IllegalArgumentException.class, () -> new ApiToken(id, secret));
        assertThat(refusal.getMessage(), containsString("The secret of API token jenkins@pve!ci"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {SECRET + "\n", SECRET + "\r\n", " " + SECRET + "\t", "\ufeff" + SECRET, SECRET + "\u00a0\u200b"})
    void leavesOutWhatFilesAndClipboardsLeaveAtTheEndsOfASecret(String secret) {
        assertThat(
                new ApiToken(TokenId.parse("jenkins@pve!ci"), secret),
                is(new ApiToken(TokenId.parse("jenkins@pve!ci"), SECRET)));
    }

    @Test
    void hidesTheSecretInItsText() {
        ApiToken token = new ApiToken(TokenId.parse("jenkins@pve!ci"), SECRET);
        assertThat(token, hasToString("API token jenkins@pve!ci"));
        assertThat(
                ClientSettings.of(ServerAddress.parseAll("pve1"), token, new TlsTrust.JvmTrustStore())
                        .toString(),
                not(containsString(SECRET)));
    }

    @Test
    void knowsTheFormOfSecretsThatProxmoxMakes() {
        assertThat(ApiToken.isUuid(SECRET), is(true));
        assertThat(ApiToken.isUuid(SECRET + "0"), is(false));
        assertThat(ApiToken.isUuid("secret"), is(false));
    }
}
