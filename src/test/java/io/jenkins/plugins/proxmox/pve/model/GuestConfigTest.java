package io.jenkins.plugins.proxmox.pve.model;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuestConfigTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1                       | true
            enabled=1               | true
            1,fstrim_cloned_disks=1 | true
            type=virtio,enabled=1   | true
            0                       | false
            10                      | false
            enabled=0               | false
            type=isa,enabled=10     | false
            """)
    void hasAnAgentIfTheOptionIsOne(String option, boolean enabled) {
        assertThat(new GuestConfig(Map.of("agent", option)).hasAgent(), is(enabled));
    }

    @Test
    void hasNoTagsOfBlanks() {
        assertThat(new GuestConfig(Map.of("tags", "b;\u2003;a")).tags(), contains("a", "b"));
    }
}
