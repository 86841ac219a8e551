package io.jenkins.plugins.proxmox.pve.task;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollIntervalTest {

    @ParameterizedTest
    @CsvSource({"-1000, 250", "0, 250", "2000, 250", "4000, 500", "16000, 2000", "40000, 5000", "3600000, 5000"})
    void isAShareOfWhatHasPassedWithinBounds(long ageMillis, long pauseMillis) {
        assertThat(PollInterval.after(Duration.ofMillis(ageMillis)), is(Duration.ofMillis(pauseMillis)));
        assertThat(
                PollInterval.afterOthers(Duration.ofMillis(ageMillis)),
                is(Duration.ofMillis(Math.max(1000, pauseMillis))));
    }

    @ParameterizedTest
    @CsvSource({"335, 0, 335", "335, 1, 670", "335, 3, 2680", "335, 4, 5000", "1000, 2, 4000", "1000, 2000, 5000"})
    void growsWithErrorsUpToABound(long withoutMillis, int errors, long pauseMillis) {
        assertThat(
                PollInterval.afterErrors(Duration.ofMillis(withoutMillis), errors), is(Duration.ofMillis(pauseMillis)));
    }
}
