package io.jenkins.plugins.proxmox.pve.model;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
}
