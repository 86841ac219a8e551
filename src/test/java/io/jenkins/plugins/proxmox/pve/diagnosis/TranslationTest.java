package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With {@code DiagnosisTexts_qaa.properties}, a translation of two texts. */
class TranslationTest {

    private static final Locale TRANSLATED = Locale.forLanguageTag("qaa");

    @AfterEach
    void readsAsBefore() {
        MessageBundle.readBy(Locale::getDefault);
    }

    @Test
    void enumeratesInTheLanguageOfWhoeverReads() {
        MessageBundle.readBy(() -> TRANSLATED);
        assertThat(DiagnosisTexts.allOf(List.of("a", "b", "c")), is("a, b kaj c"));
        assertThat("not translated", DiagnosisTexts.anyOf(List.of("a", "b", "c")), is("a, b or c"));
    }

    /** A test of a connection runs in a thread of its own, which serves no request of a browser. */
    @Test
    void testsAConnectionInTheLanguageOfWhoeverAsks() throws IOException {
        Thread asks = Thread.currentThread();
        MessageBundle.readBy(() -> Thread.currentThread() == asks ? TRANSLATED : Locale.ENGLISH);
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.values()[0])) {
            ExampleCluster example = ExampleCluster.in(proxmox);
            try (ProxmoxClient client = new ProxmoxClient(
                    example.settings(ExampleCluster.token("jenkins@pve!operator", example.operatorSecret())))) {
                List<String> said = ConnectionCheck.of(client, true).lines().stream()
                        .map(Evidence::sentence)
                        .limit(2)
                        .toList();
                assertThat(
                        said,
                        contains(
                                is("La servilo respondas, kaj ĝia atestilo estas fidata."),
                                startsWith("It is Proxmox VE ")));
            }
        }
    }
}
