package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that cannot be right are explained before they are sent. */
class InputDiagnosisTest {

    private static final String UUID = "b3c1f2aa-0d4e-4c5f-9a6b-7c8d9e0f1a2b";

    private static Diagnosis explain(String tokenId, String secret) {
        Diagnosis diagnosis = Diagnostician.explainInput(tokenId, secret).orElseThrow();
        assertThat(diagnosis.toPlainText(), not(containsString("b3c1f2aa")));
        assertThat(diagnosis.toHtml(), not(containsString("b3c1f2aa")));
        return diagnosis;
    }

    @Test
    void hasNothingToSayAboutAGoodOne() {
        assertThat(Diagnostician.explainInput("jenkins@pve!ci", UUID).isPresent(), is(false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "jenkins",
                "jenkins@pve",
                "jenkins!ci",
                " jenkins@pve!ci",
                "PVEAPIToken=jenkins@pve!ci=" + UUID,
                UUID
            })
    void tellsThatTheTokenIdIsMalformed(String tokenId) {
        Diagnosis diagnosis = explain(tokenId, UUID);
        assertThat(diagnosis.causes().stream().map(Cause::id).toList(), is(List.of("token-id-malformed")));
        assertThat(
                diagnosis.headline(),
                is("The token cannot be right, so nothing was sent to Proxmox VE."
                        + " The token ID is not complete. It needs a user, a realm and the name of the token."));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " " + UUID, UUID + "\n", "\"" + UUID + "\"", "Authorization: PVEAPIToken=a@pve!b=" + UUID})
    void tellsThatTheSecretIsMalformed(String secret) {
        Diagnosis diagnosis = explain("jenkins@pve!ci", secret);
        assertThat(diagnosis.causes().stream().map(Cause::id).toList(), is(List.of("secret-malformed")));
        assertThat(
                diagnosis.causes().get(0).commands(), is(List.of("grep -F 'jenkins@pve!ci' /etc/pve/priv/token.cfg")));
    }
}
