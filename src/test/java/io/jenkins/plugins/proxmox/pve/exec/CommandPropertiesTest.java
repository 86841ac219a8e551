package io.jenkins.plugins.proxmox.pve.exec;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.fuzz.PosixShell;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class CommandPropertiesTest {

    private static final String[] WORDS = {"'", "\"", "\\", "\\\"", "$(id)", "`id`", " ", "a", "%PATH%", "\n", "-n", "ä"
    };

    @Provide
    Arbitrary<String> arguments() {
        // nothing sends NUL or half a character as an argument
        return HostileText.of(WORDS).filter(text -> text.equals(asSent(text)) && text.indexOf('\0') < 0);
    }

    private static String asSent(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    @Provide
    Arbitrary<List<String>> manyArguments() {
        return arguments().list().ofMinSize(50).ofMaxSize(200);
    }

    /** One process for many words: starting it takes longer than reading them. */
    @Fuzzed(inputs = 20)
    void aShellReadsEveryArgumentAsItIs(@ForAll("manyArguments") List<String> arguments) {
        assertThat(PosixShell.words(arguments.stream().map(PosixWrapper::quoted).toList()), is(arguments));
    }

    @Fuzzed
    void windowsReadsEveryArgumentAsItIs(@ForAll("arguments") String one, @ForAll("arguments") String other) {
        String line = "program " + PowerShellWrapper.quoted(one) + " " + PowerShellWrapper.quoted(other);
        assertThat(line, argumentsOf(line), is(List.of("program", one, other)));
    }

    /** As the C runtime of Microsoft splits a command line. */
    private static List<String> argumentsOf(String line) {
        List<String> arguments = new ArrayList<>();
        StringBuilder argument = new StringBuilder();
        boolean quoted = false;
        boolean begun = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            int backslashes = 0;
            while (c == '\\') {
                backslashes++;
                i++;
                c = i < line.length() ? line.charAt(i) : ' ';
            }
            if (backslashes > 0) {
                begun = true;
                boolean beforeQuote = i < line.length() && c == '"';
                argument.append("\\".repeat(beforeQuote ? backslashes / 2 : backslashes));
                if (beforeQuote && backslashes % 2 == 1) {
                    argument.append('"');
                    continue;
                }
                if (i >= line.length()) {
                    break;
                }
            }
            if (c == '"') {
                quoted = !quoted;
                begun = true;
            } else if (!quoted && (c == ' ' || c == '\t')) {
                if (begun) {
                    arguments.add(argument.toString());
                }
                argument.setLength(0);
                begun = false;
            } else {
                argument.append(c);
                begun = true;
            }
        }
        if (begun) {
            arguments.add(argument.toString());
        }
        return arguments;
    }

    @Fuzzed
    void aCommandIsRefusedOrSentAsAscii(
            @ForAll("arguments") String program, @ForAll("arguments") String script, @ForAll("arguments") String name) {
        try {
            for (GuestCommand command : List.of(
                    GuestCommand.of(List.of(program, script)).with(Map.of("A" + name, script)),
                    GuestCommand.of(script, List.of()).reading(program))) {
                assertThat(HostileText.isPlain(command.toString()), is(true));
                for (Wrapper wrapper : List.of(new PosixWrapper(), new PowerShellWrapper())) {
                    String payload = wrapper.payload(command);
                    assertThat(payload, matchesPattern("[A-Za-z0-9_=: \n-]*"));
                    assertThat(String.join("", Wrapper.pieces(payload)).length() % payload.length(), is(0));
                }
            }
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void encodedTextIsReadBack(@ForAll("arguments") String text) {
        assertThat(new String(Base64.getUrlDecoder().decode(Wrapper.encoded(text)), StandardCharsets.UTF_8), is(text));
    }
}
