package io.jenkins.plugins.proxmox.build;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One rule for all values, whoever hands them over. */
class GuestParametersTest {

    /** A text whose value is made when it is asked for, as Groovy's {@code "${…}"}. */
    private static CharSequence interpolated(String text) {
        return new StringBuilder(text);
    }

    private static String refusal(Executable reading) {
        return assertThrows(IllegalArgumentException.class, reading).getMessage();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "\t\n"})
    void nullAndBlankAreAsIfNothingWasGiven(String given) {
        assertThat(GuestParameters.text(given), nullValue());
        assertThat(GuestParameters.vmid(given), nullValue());
        assertThat(GuestParameters.node(given), nullValue());
        assertThat(GuestParameters.timeout(given), is(Duration.ofMinutes(5)));
        assertThat(GuestParameters.flag("wait", given, true), is(true));
        assertThat(GuestParameters.flag("waitForLock", given, false), is(false));
    }

    static Stream<Object> numbers() {
        return Stream.of(
                120,
                120L,
                (short) 120,
                BigInteger.valueOf(120),
                new BigDecimal("120"),
                new BigDecimal("120.0"),
                new BigDecimal("1.2E2"),
                120.0,
                120f,
                "120",
                " 120 ",
                "120\n",
                interpolated("120 "));
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void aNumberMayBeOfAnyKindAndAText(Object given) {
        assertThat(GuestParameters.vmid(given), is(120));
        assertThat(GuestParameters.timeout(given), is(Duration.ofMinutes(2)));
    }

    static Stream<Object> otherThanNumbers() {
        return Stream.of(
                "soon",
                "12.5",
                "1 20",
                "0x78",
                "1e2",
                "١٢٠",
                "99999999999999999999",
                new BigDecimal("12.5"),
                new BigDecimal("1E999999999"),
                Double.NaN,
                true,
                List.of(120),
                Map.of("vmid", 120));
    }

    @ParameterizedTest
    @MethodSource("otherThanNumbers")
    void anythingElseIsNoNumber(Object given) {
        assertThat(
                refusal(() -> GuestParameters.timeout(given)),
                is("timeout: \"" + given + "\" is not a whole number of seconds."));
        assertThat(
                refusal(() -> GuestParameters.vmid(given)),
                is("vmid: \"" + given + "\" is not a VMID. VMIDs are numbers from 100 to 999999999. "
                        + "To choose a guest by name, use name."));
    }

    @Test
    void aTimeoutIsPossible() {
        for (Object given : List.of(0, -1, 604_801, "99999999999")) {
            assertThat(
                    refusal(() -> GuestParameters.timeout(given)),
                    is("timeout: " + given + " is not between 1 and 604800 seconds."));
        }
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {"true,true", " true ,true", "TRUE,true", "false ,false"})
    void trueAndFalseMayBeTexts(String given, boolean flag) {
        assertThat(GuestParameters.flag("wait", given, !flag), is(flag));
        assertThat(GuestParameters.flag("wait", interpolated(given), !flag), is(flag));
        assertThat(GuestParameters.flag("wait", flag, !flag), is(flag));
    }

    @Test
    void anythingElseIsNeitherTrueNorFalse() {
        for (Object given : List.of("maybe", "yes", "0", 1, List.of(true))) {
            assertThat(
                    refusal(() -> GuestParameters.flag("cancelTask", given, false)),
                    is("cancelTask: \"" + given + "\" is neither true nor false."));
            assertThat(GuestParameters.flagOrText(given, false), is(given.toString()));
        }
    }

    private static PowerAction action(String given) {
        return GuestParameters.choice("action", given, PowerAction.values());
    }

    @Test
    void aChoiceIsKnownByItsName() {
        for (PowerAction action : PowerAction.values()) {
            assertThat(action(action.apiName()), is(action));
        }
        assertThat(action(" start\n"), is(PowerAction.START));
        assertThat(
                refusal(() -> action(" ")),
                is("action is missing. Use one of start, stop, shutdown, reboot, reset, suspend, resume."));
        assertThat(
                refusal(() -> action("../delete")),
                is("action: \"../delete\" is not known. "
                        + "Use one of start, stop, shutdown, reboot, reset, suspend, resume."));
    }

    @ParameterizedTest
    @CsvSource({
        "strat, start",
        "START, start",
        "shut down, shutdown",
        "reboott, reboot",
        "boot, reboot",
        "resum, resume"
    })
    void aMisspelledChoiceIsToldWithTheNearestOne(String given, String meant) {
        assertThat(
                refusal(() -> action(given)),
                is("action: \"" + given + "\" is not known. Did you mean " + meant
                        + "? The choices are start, stop, shutdown, reboot, reset, suspend, resume."));
    }

    @Test
    void whatIsRefusedIsToldOnOneLineAndNotAtLength() {
        String hostile = "1\n[Proxmox VE] forged\u2028\u001b[8mha:" + "x".repeat(100_000);
        for (Executable reading : List.<Executable>of(
                () -> GuestParameters.vmid(hostile),
                () -> GuestParameters.timeout(hostile),
                () -> GuestParameters.flag("wait", hostile, true),
                () -> action(hostile))) {
            String refusal = refusal(reading);
            assertThat(SafeText.line(refusal), is(refusal));
            assertThat(refusal.length(), is(lessThan(1000)));
        }
    }
}
