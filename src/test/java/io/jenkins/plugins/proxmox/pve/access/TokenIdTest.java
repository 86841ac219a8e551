package io.jenkins.plugins.proxmox.pve.access;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenIdTest {

    @Test
    void readsItsThreeParts() {
        TokenId id = TokenId.parse("jenkins@pve!ci");
        assertThat(id, is(new TokenId("jenkins", "pve", "ci")));
        assertThat(id.userId(), is("jenkins@pve"));
        assertThat(id, hasToString("jenkins@pve!ci"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root@pam!jenkins",
                "first.last@example.org@ldap!ci-1",
                "with!bang@pve!ci",
                "jenkins@my-realm_1.x!build.agent_2"
            })
    void readsWhatProxmoxAllows(String text) {
        assertThat(TokenId.isTokenId(text), is(true));
        assertThat(TokenId.parse(text), hasToString(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                ""                                | The token ID is missing
                "  "                              | The token ID is missing
                jenkins                           | has the form user@realm!name
                jenkins@pve                       | This is a user without a token name
                jenkins!ci                        | The realm is missing
                jenkins @pve!ci                   | a blank or a line break
                PVEAPIToken=jenkins@pve!ci=0-0    | whole Authorization header
                jenkins@pve!ci=12345678-1234      | contains both the token ID and the secret
                jenkins@pve!c                     | at least two characters
                jenkins@p!ci                      | at least two characters
                jenkins@pve!1ci                   | not a token ID
                jenkins@pve!                      | not a token ID
                jen/kins@pve!ci                   | not a token ID
                jen:kins@pve!ci                   | not a token ID
                """)
    void saysWhatIsWrong(String text, String reason) {
        assertThat(TokenId.isTokenId(text), is(false));
        var refusal = assertThrows(IllegalArgumentException.class, () -> TokenId.parse(text));
        assertThat(refusal.getMessage(), containsString(reason));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {" jenkins@pve!ci", "jenkins@pve!ci\n", "jenkins@pve!ci\r\n", "\ufeffjenkins@pve!ci\u00a0\u200b"})
    void leavesOutWhatFilesAndClipboardsLeaveAtTheEnds(String text) {
        assertThat(TokenId.isTokenId(text), is(true));
        assertThat(TokenId.parse(text), hasToString("jenkins@pve!ci"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jenkins@pve!\nci", "jenkins@pve!ci\r\nX: y", "jen\nkins@pve!ci"})
    void refusesLineBreaks(String text) {
        assertThat(TokenId.isTokenId(text), is(false));
        assertThrows(IllegalArgumentException.class, () -> TokenId.parse(text));
    }

    /** They would reach a header and lines of logs. */
    @ParameterizedTest
    @ValueSource(
            strings = {"jen\u001b[8mkins@pve!ci", "jen\u0000kins@pve!ci", "jen\u202ekins@pve!ci", "jen\u0085kins@pve!ci"
            })
    void refusesCharactersThatCannotBeShown(String text) {
        assertThat(TokenId.isTokenId(text), is(false));
        assertThrows(IllegalArgumentException.class, () -> TokenId.parse(text));
    }

    @Test
    void refusesNamesLongerThanAny() {
        for (String text : new String[] {"x".repeat(300) + "@pve!ci", "jenkins@pve!" + "x".repeat(300)}) {
            assertThat(TokenId.isTokenId(text), is(false));
        }
    }

    @Test
    void takesAUserOfAWindowsDomain() {
        TokenId id = TokenId.parse("LAB\\ci@ad!build");
        assertThat(id.userId(), is("LAB\\ci@ad"));
        assertThat(ApiPath.of("access", "users", id.userId()), hasToString("/access/users/LAB\\ci@ad"));
    }
}
