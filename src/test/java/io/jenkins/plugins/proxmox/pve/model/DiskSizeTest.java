package io.jenkins.plugins.proxmox.pve.model;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiskSizeTest {

    @ParameterizedTest
    @CsvSource({
        "32G, 32G",
        "1024G, 1T",
        "2.5G, 2560M",
        "999999.5M, 1023999488K",
        "1073741824, 1G",
        "900000T, 900000T",
        "99999999.5G, 102399999488M"
    })
    void isReadBackAsItIsWritten(String text, String written) {
        DiskSize size = DiskSize.parse(text);
        assertThat(size, hasToString(written));
        assertThat(DiskSize.parse(written), is(size));
    }

    /** Multiplied by its unit, it would become another size. */
    @ParameterizedTest
    @ValueSource(strings = {"8388608T", "999999999999999999.5", "3999999999.592G", "999999999T", "999999999999999999G"})
    void isNoneThatIsTooLargeToCount(String text) {
        assertThat(DiskSize.parse(text), is(nullValue()));
        assertThrows(IllegalArgumentException.class, () -> DiskSize.require(text));
    }

    @Test
    void isAWholeNumberWhenSomebodyAsksForIt() {
        assertThrows(IllegalArgumentException.class, () -> DiskSize.require("2.5G"));
        assertThrows(IllegalArgumentException.class, () -> DiskSize.require("0G"));
    }
}
