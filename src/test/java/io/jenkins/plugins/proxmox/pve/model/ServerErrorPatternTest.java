package io.jenkins.plugins.proxmox.pve.model;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerErrorPatternTest {

    /** A regular expression must not try each beginning of an error up to the end of a long text. */
    @ParameterizedTest
    @ValueSource(
            strings = {"can't lock file '", "Configuration file '", "VM is locked (", "qga command '", "'/etc/pve/"})
    @Timeout(60)
    void searchesALongTextAtOnce(String piece) {
        String text = piece.repeat(2 * 1024 * 1024 / piece.length());
        for (ServerErrorPattern pattern : ServerErrorPattern.values()) {
            assertThat(pattern.name(), pattern.isIn(text), is(false));
        }
        ServerErrorPattern.lockIn(text);
    }
}
