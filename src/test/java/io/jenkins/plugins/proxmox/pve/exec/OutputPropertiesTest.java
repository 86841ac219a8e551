package io.jenkins.plugins.proxmox.pve.exec;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.GuestProcess;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class OutputPropertiesTest {

    private static final String[] WORDS = {
        "\u001b[",
        "\u001b]",
        "\u001bP",
        "\u001b\\",
        "\u0007",
        "8",
        "0",
        "1;31",
        "m",
        "ha:",
        "J",
        "H",
        "\n",
        "\r",
        "text",
        "ä",
        "€",
        "😀"
    };

    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;:]*m");

    @Provide
    Arbitrary<String> outputs() {
        return HostileText.near("outputs", WORDS);
    }

    @Provide
    Arbitrary<String> longOutputs() {
        return HostileText.repeated(WORDS);
    }

    @Fuzzed
    void aLogInterpretsNothingButColours(@ForAll("outputs") String text) {
        for (String line : OutputLines.of(bytes(text), true).lines()) {
            assertThat(line, not(containsString("\u001b[8m")));
            String withoutColours = COLOUR.matcher(line).replaceAll("").replace("\t", "");
            assertThat(line, withoutColours.chars().noneMatch(Character::isISOControl), is(true));
        }
    }

    /** The agent returns an output in chunks that begin and end anywhere. */
    @Fuzzed
    void chunksLoseAndRepeatNothing(@ForAll("outputs") String text, @ForAll int seed) {
        byte[] output = bytes(text);
        List<String> lines = new ArrayList<>();
        int chunk = 8 + Math.abs(seed % 16);
        int from = 0;
        while (from < output.length) {
            byte[] part = Arrays.copyOfRange(output, from, Math.min(output.length, from + chunk));
            boolean last = from + part.length == output.length;
            OutputLines next = OutputLines.of(part, last);
            if (next.bytes() == 0) {
                next = OutputLines.ofLongLine(part);
            }
            assertThat(next.bytes(), allOf(greaterThan(0), lessThanOrEqualTo(part.length)));
            lines.addAll(next.lines());
            from += next.bytes();
        }
        String visible = visible(String.join("", lines));
        assertThat(lines.toString(), visible.chars().noneMatch(Character::isISOControl), is(true));
        if (text.chars().noneMatch(OutputPropertiesTest::isReplaced)
                && text.equals(new String(output, StandardCharsets.UTF_8))) {
            assertThat(String.join("", lines), is(text));
        }
    }

    /** Also those that change the direction of writing. */
    private static boolean isReplaced(int character) {
        return Character.isISOControl(character)
                || character >= 0x202a && character <= 0x202e
                || character >= 0x2066 && character <= 0x2069;
    }

    private static String visible(String line) {
        return COLOUR.matcher(line).replaceAll("").replace("\t", "");
    }

    @Provide
    Arbitrary<String> reports() {
        return HostileText.edited(
                List.of(
                        "running\n12\naGVsbG8=\n",
                        "ended 0\n5\naGVsbG8=",
                        "absent\n",
                        "ended -1073741510\r\n0\r\n",
                        "gone\n0\n"),
                "ended",
                " ",
                "\n",
                "0",
                "99999999999",
                "-1",
                "=",
                "restarted");
    }

    @Fuzzed
    void aReportIsReadOrRefused(@ForAll("reports") String text) {
        try {
            GuestReport report = GuestReport.of(new GuestProcess(true, 0, text, ""));
            assertThat(report.size(), is(greaterThanOrEqualTo(0L)));
        } catch (GuestException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longOutputsAreReadAtOnce(@ForAll("longOutputs") String text) {
        aLogInterpretsNothingButColours(text);
        aReportIsReadOrRefused(text);
        aReportIsReadOrRefused("running\n1\n" + text);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Provide
    Arbitrary<byte[]> binary() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(60);
    }

    @Fuzzed
    void anyBytesBecomeSafeLines(@ForAll("binary") byte[] output) {
        for (OutputLines lines : List.of(OutputLines.of(output, true), OutputLines.ofLongLine(output))) {
            lines.lines()
                    .forEach(line ->
                            assertThat(line, visible(line).chars().noneMatch(Character::isISOControl), is(true)));
        }
    }
}
