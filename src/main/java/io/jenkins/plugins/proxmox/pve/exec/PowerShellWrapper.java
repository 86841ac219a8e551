package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The scripts for guests with Windows, for Windows PowerShell 5.1, which every supported version of it has. */
final class PowerShellWrapper implements Wrapper {

    private static final List<String> POWERSHELL =
            List.of("powershell.exe", "-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass");

    /** Five lines: the program, its arguments, the script for PowerShell, the variables, the input. */
    @Override
    public String payload(GuestCommand command) {
        List<String> program = new ArrayList<>(command.arguments());
        String script = "";
        String last = "";
        if (command.script() != null && command.shell().isEmpty()) {
            program.addAll(POWERSHELL);
            script = command.script() + "\r\nexit $LASTEXITCODE\r\n";
        } else if (command.script() != null) {
            program.addAll(command.shell());
            last = " " + (isCmd(program.get(0)) ? command.script() : quoted(command.script()));
        }
        String arguments =
                program.stream().skip(1).map(PowerShellWrapper::quoted).collect(Collectors.joining(" ")) + last;
        String variables = command.environment().entrySet().stream()
                // a colon, because an empty value would leave no word
                .map(each -> Wrapper.encoded(each.getKey()) + " :" + Wrapper.encoded(each.getValue()))
                .collect(Collectors.joining(" "));
        return String.join(
                "\n",
                Wrapper.encoded(program.get(0)),
                Wrapper.encoded(arguments),
                Wrapper.encoded(script),
                variables,
                Wrapper.encoded(command.input()));
    }

    /** Whether it is the command interpreter, which takes the rest of its command line as it is. */
    private static boolean isCmd(String program) {
        String name = program.substring(Math.max(program.lastIndexOf('\\'), program.lastIndexOf('/')) + 1)
                .toLowerCase(Locale.ROOT);
        return name.equals("cmd") || name.equals("cmd.exe");
    }

    /**
     * The text as one argument of a command line. A backslash is special only before a quotation mark (Microsoft,
     * CommandLineToArgvW).
     */
    static String quoted(String argument) {
        if (!argument.isEmpty() && argument.chars().noneMatch(c -> c <= ' ' || c == '"')) {
            return argument;
        }
        StringBuilder word = new StringBuilder("\"");
        int backslashes = 0;
        for (char c : argument.toCharArray()) {
            if (c == '"') {
                word.append("\\".repeat(backslashes + 1));
            }
            backslashes = c == '\\' ? backslashes + 1 : 0;
            word.append(c);
        }
        return word.append("\\".repeat(backslashes)).append('"').toString();
    }

    private static GuestCall call(String script, @Nullable String input, String id, String... variables) {
        StringBuilder text = new StringBuilder("$exec = '").append(id).append("'\n");
        for (String variable : variables) {
            text.append(variable).append('\n');
        }
        text.append(Wrapper.script("common.ps1")).append(Wrapper.script(script));
        List<String> command = new ArrayList<>(POWERSHELL);
        command.add("-EncodedCommand");
        command.add(Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.UTF_16LE)));
        return new GuestCall(command, input);
    }

    @Override
    public GuestCall store(String id, int number, String piece) {
        return call("store.ps1", piece, id, String.format("$part = '%04d'", number));
    }

    @Override
    public GuestCall start(String id, int pieces, @Nullable String payload, boolean apart) {
        return call("start.ps1", payload, id, "$parts = " + pieces, "$apart = $" + apart);
    }

    @Override
    public GuestCall read(String id, long offset, int most, String file) {
        return call("read.ps1", null, id, "$offset = " + offset, "$most = " + most, "$file = '" + file + "'");
    }

    @Override
    public GuestCall end(String id) {
        return call("end.ps1", null, id);
    }

    @Override
    public GuestCall remove(String id, boolean keepMarker) {
        return call("remove.ps1", null, id, "$keep = $" + keepMarker);
    }
}
