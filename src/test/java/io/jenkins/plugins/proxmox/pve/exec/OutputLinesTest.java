package io.jenkins.plugins.proxmox.pve.exec;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputLinesTest {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void takesOnlyWholeLinesWhileMoreMayCome() {
        OutputLines lines = OutputLines.of(bytes("one\ntwö\nthr"), false);
        assertThat(lines.lines(), is(List.of("one", "twö")));
        assertThat(lines.bytes(), is(9));
    }

    @Test
    void takesTheLastLineWithoutEndWhenNothingFollows() {
        assertThat(OutputLines.of(bytes("one\ntwo"), true).lines(), is(List.of("one", "two")));
        assertThat(OutputLines.of(bytes(""), true).lines(), is(List.of()));
        assertThat(OutputLines.of(bytes("\n\n"), true).lines(), is(List.of("", "")));
    }

    @Test
    void breaksNoCharacterOfALongLine() {
        for (String character : List.of("a", "é", "€", "😀")) {
            byte[] all = bytes(character.repeat(3));
            for (int length = all.length - character.length(); length <= all.length; length++) {
                byte[] chunk = java.util.Arrays.copyOf(all, length);
                OutputLines lines = OutputLines.ofLongLine(chunk);
                String taken = String.join("", lines.lines());
                assertThat(taken.replace(character, ""), is(""));
                assertThat(bytes(taken).length, is(lines.bytes()));
                assertThat(length - lines.bytes() < 4, is(true));
            }
        }
    }

    @Test
    void goesOnAfterBytesThatAreNoText() {
        byte[] binary = {(byte) 0xff, (byte) 0x80, 0, 'a'};
        OutputLines lines = OutputLines.ofLongLine(binary);
        assertThat(lines.bytes(), is(4));
        assertThat(lines.lines(), is(List.of("\ufffd\ufffd a")));
    }

    @Test
    void keepsColoursAndTabs() {
        String coloured = "\u001b[1;31mred\u001b[0m\t\u001b[38;5;8mgrey\u001b[m";
        assertThat(OutputLines.safe(coloured), is(coloured));
    }

    @Test
    void dropsWhatALogOrATerminalWouldInterpret() {
        assertThat(OutputLines.safe("a\u001b[8mha:b"), is("aha:b"));
        assertThat(OutputLines.safe("a\u001b[2Jb\u001b[1;1Hc\u001b[?25l"), is("abc"));
        assertThat(OutputLines.safe("\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\b"), is("ab"));
        // they end like a colour, but set how a terminal reports keys
        assertThat(OutputLines.safe("a\u001b[>4;1mb\u001b[ mc\u001b[?4md"), is("abcd"));
        assertThat(OutputLines.safe("a\bb\u0000c\u009b8mha:"), is("a b c\ufffd8mha:"));
        assertThat(OutputLines.safe("a\u202eb\u2066c"), is("a\ufffdb\ufffdc"));
        // nothing that is dropped makes room for something else
        assertThat(OutputLines.safe("\u001b[\u001b[0K8mha:"), is("\ufffd[8mha:"));
    }

    @Test
    void hidesNothingBeforeACarriageReturn() {
        assertThat(OutputLines.of(bytes("10 %\r20 %\r\nend\n"), false).lines(), is(List.of("10 %", "20 %", "end")));
    }
}
