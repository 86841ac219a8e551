package io.jenkins.plugins.proxmox.pve.exec;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.startsWith;

import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is sent to a guest with Windows. No PowerShell runs here: the text of its scripts is looked at, and a stand-in
 * answers in their place.
 */
class PowerShellWrapperTest {

    /** Windows, CreateProcess: characters of a command line. */
    private static final int LONGEST_COMMAND_LINE = 32_767;

    private static final String ID = "0123456789abcdef0123456789abcdef";

    private final PowerShellWrapper wrapper = new PowerShellWrapper();

    private static String script(List<String> command) {
        byte[] text = Base64.getDecoder().decode(command.get(command.size() - 1));
        return new String(text, StandardCharsets.UTF_16LE);
    }

    private static String decoded(String line) {
        return new String(Base64.getUrlDecoder().decode(line), StandardCharsets.UTF_8);
    }

    private List<GuestCall> calls() {
        return List.of(
                wrapper.store(ID, 7, "text"),
                wrapper.start(ID, 0, "text", true),
                wrapper.read(ID, 1L << 40, 1000, Wrapper.LOG),
                wrapper.end(ID),
                wrapper.remove(ID, true));
    }

    @Test
    void fitsOnACommandLineOfWindows() {
        for (GuestCall call : calls()) {
            assertThat(
                    call.command().subList(0, 4),
                    contains("powershell.exe", "-NoLogo", "-NoProfile", "-NonInteractive"));
            assertThat(String.join(" ", call.command()).length(), is(lessThan(LONGEST_COMMAND_LINE)));
        }
    }

    @Test
    void beginsWithTheValuesOfTheCall() {
        List<GuestCall> calls = calls();
        assertThat(script(calls.get(0).command()), startsWith("$exec = '" + ID + "'\n$part = '0007'\n"));
        assertThat(script(calls.get(1).command()), startsWith("$exec = '" + ID + "'\n$parts = 0\n$apart = $true\n"));
        assertThat(
                script(calls.get(2).command()),
                startsWith("$exec = '" + ID + "'\n$offset = 1099511627776\n$most = 1000\n$file = 'log'\n"));
        assertThat(script(calls.get(4).command()), startsWith("$exec = '" + ID + "'\n$keep = $true\n"));
    }

    /** Brackets, braces and parentheses outside of texts must pair, and quotation marks too. */
    @ParameterizedTest
    @CsvSource({"common", "store", "start", "read", "end", "remove"})
    void isBalanced(String name) {
        String text = Wrapper.script(name + ".ps1").replace("`\"", "");
        Deque<Character> open = new ArrayDeque<>();
        char quote = 0;
        for (char c : text.toCharArray()) {
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if ("([{".indexOf(c) >= 0) {
                open.push(c);
            } else if (")]}".indexOf(c) >= 0) {
                assertThat(name, "([{".indexOf(open.pop()), is(")]}".indexOf(c)));
            }
        }
        assertThat(name, open.isEmpty() && quote == 0, is(true));
    }

    /** Only one start creates the marker, and only the wrapper itself writes the exit code, as a whole. */
    @Test
    void startsOnlyWhoeverCreatesTheMarker() {
        String start = script(wrapper.start(ID, 0, "", false).command());
        int marker = start.indexOf("if (-not (Test-First)) { exit 0 }");
        assertThat(marker > 0 && marker < start.indexOf("[Diagnostics.Process]::Start"), is(true));
        assertThat(Wrapper.script("common.ps1"), containsString("[IO.File]::Open(\"$d\\run\", 'CreateNew')"));
        assertThat(start, containsString("Write-Whole 'code' \"$code\""));
        assertThat(script(wrapper.end(ID).command()), containsString("taskkill.exe /T /F /PID $child"));
    }

    @Test
    void sendsProgramArgumentsVariablesAndInput() {
        String[] lines = wrapper.payload(GuestCommand.of(List.of("C:\\a b\\x.exe", "ä \"q\"", ""))
                        .with(Map.of("A", "1", "B", ""))
                        .reading("in\n"))
                .split("\n", -1);
        assertThat(lines.length, is(5));
        assertThat(decoded(lines[0]), is("C:\\a b\\x.exe"));
        assertThat(decoded(lines[1]), is("\"ä \\\"q\\\"\" \"\""));
        assertThat(lines[2], is(""));
        assertThat(lines[3], is("QQ== :MQ== Qg== :"));
        assertThat(decoded(lines[4]), is("in\n"));
    }

    @Test
    void runsAScriptWithPowerShell() {
        String[] lines =
                wrapper.payload(GuestCommand.of("Write-Output 'ä'", List.of())).split("\n", -1);
        assertThat(decoded(lines[0]), is("powershell.exe"));
        assertThat(decoded(lines[1]), is("-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass"));
        assertThat(decoded(lines[2]), is("Write-Output 'ä'\r\nexit $LASTEXITCODE\r\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cmd.exe                       | /c | dir "C:\\Program Files" | /c dir "C:\\Program Files"
            C:\\Windows\\System32\\CMD.EXE | /c | echo a & echo b         | /c echo a & echo b
            bash                          | -c | echo "a b"              | -c "echo \\"a b\\""
            """)
    void givesAScriptToAnotherShell(String program, String argument, String script, String expected) {
        String[] lines = wrapper.payload(GuestCommand.of(script, List.of(program, argument)))
                .split("\n", -1);
        assertThat(decoded(lines[0]), is(program));
        assertThat(decoded(lines[1]), is(expected));
        assertThat(decoded(lines[2]), is(""));
    }

    /** The examples of Microsoft for CommandLineToArgvW, the other way round. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a      | a
            a b    | "a b"
            a\\b   | a\\b
            a"b    | "a\\"b"
            a\\"b  | "a\\\\\\"b"
            a b\\  | "a b\\\\"
            """)
    void quotesArgumentsAsWindowsReadsThem(String argument, String quoted) {
        assertThat(PowerShellWrapper.quoted(argument), is(quoted));
    }

    /** A stand-in for the guest answers as the scripts do. */
    @ParameterizedTest
    @EnumSource(Generation.class)
    void runsACommandInAGuestWithWindows(Generation generation) throws Exception {
        try (ExecTrial trial = new ExecTrial(generation)) {
            List<String> scripts = new CopyOnWriteArrayList<>();
            trial.guest().agent().windows();
            trial.exec().answeredBy(command -> {
                String script = script(command);
                String name = Stream.of("start", "read", "remove")
                        .filter(each -> script.endsWith(Wrapper.script(each + ".ps1")))
                        .findFirst()
                        .orElseThrow();
                scripts.add(name);
                return switch (name) {
                    case "read" -> scripts.size() < 3 ? "running\n4\nb25lCg==\n" : "ended 5\r\n8\r\ndHdvCg==\r\n";
                    case "remove" -> "removed\r\n";
                    default -> "";
                };
            });
            ExecResult result = trial.result(ExecTrial.request(GuestCommand.of("Get-Item .", List.of())));
            assertThat(result.exitCode(), is(5));
            assertThat(trial.output, contains("one", "two"));
            assertThat(scripts, contains("start", "read", "read", "remove"));
            assertThat(
                    trial.exec().begun().stream().map(command -> command.get(0)).toList(),
                    everyItem(is("powershell.exe")));
        }
    }
}
