package io.jenkins.plugins.proxmox.build;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingSuggestionTest {

    private static final List<String> NAMES = List.of(
            "action", "cancelTask", "credentialsId", "name", "server", "timeout", "vmid", "wait", "waitForLock");

    @ParameterizedTest
    @CsvSource({
        "waitForLocks,  waitForLock",
        "waitforlock,   waitForLock",
        "waitForLcok,   waitForLock",
        "VMID,          vmid",
        "vmId,          vmid",
        "credentialId,  credentialsId",
        "credentials,   credentialsId",
        "timeOut,       timeout",
        "cancelTasks,   cancelTask"
    })
    void isTheOneThatWasMeant(String written, String meant) {
        assertThat(SpellingSuggestion.to(written, NAMES).orElse("none"), is(meant));
    }

    @ParameterizedTest
    @CsvSource({"retries", "forceStop", "x", "''"})
    void isNoneWhenNoneIsNear(String written) {
        assertThat(SpellingSuggestion.to(written, NAMES).orElse("none"), is("none"));
    }
}
