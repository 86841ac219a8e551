package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens that cannot be right are noticed before they are sent. */
class TokenInputCheckTest {

    private static final String UUID = "b3c1f2aa-0d4e-4c5f-9a6b-7c8d9e0f1a2b";

    @Test
    void hasNothingToSayAboutAGoodOne() {
        assertThat(TokenInputCheck.complaintAboutId("jenkins@pve!ci"), is(Optional.empty()));
        assertThat(TokenInputCheck.complaintAboutSecret(UUID), is(Optional.empty()));
        assertThat("read from a file", TokenInputCheck.complaintAboutId("jenkins@pve!ci\n"), is(Optional.empty()));
        assertThat("read from a file", TokenInputCheck.complaintAboutSecret(UUID + "\n"), is(Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''                               | The token ID is missing.
        jenkins                          | The token ID has the form user@realm!name.
        jenkins@pve                      | This is a user without a token name
        jenkins!ci                       | The realm is missing
        PVEAPIToken=jenkins@pve!ci=UUID  | This is the whole Authorization header.
        jenkins@pve!ci=UUID              | This text contains both the token ID and the secret.
        UUID                             | The token ID has the form user@realm!name.
        """)
    void saysWhatIsWrongWithATokenId(String typed, String complaint) {
        assertThat(
                TokenInputCheck.complaintAboutId(typed.replace("UUID", UUID)).orElseThrow(),
                allOf(containsString(complaint), not(containsString("b3c1f2aa"))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''                                  | it is empty
        UUID UUID                           | it contains spaces or line breaks
        "UUID"                              | it is in quotation marks
        Authorization: PVEAPIToken=a@b!c=UUID | it also contains the token ID or the whole header
        hunter2                             | it has another format
        """)
    void saysWhatIsWrongWithASecretWithoutRepeatingIt(String typed, String why) {
        String secret = typed.replace("UUID", UUID);
        assertThat(
                TokenInputCheck.complaintAboutSecret(secret).orElseThrow(),
                is("The secret cannot be right: " + why + ". Enter only the secret itself, which Proxmox VE showed"
                        + " once: 36 characters, made up of digits, letters from a to f and four dashes."));
    }
}
