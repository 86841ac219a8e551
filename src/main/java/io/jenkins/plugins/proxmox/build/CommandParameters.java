package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.exec.ExecRequest;
import io.jenkins.plugins.proxmox.pve.exec.GuestCommand;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the parameters of a command in a guest, by the rule of {@link GuestParameters}, except that commands, variables
 * and input keep the blanks around them.
 */
public final class CommandParameters {

    private CommandParameters() {}

    /**
     * The command.
     *
     * @param given a list of the program and its arguments, or a script as text
     * @param shell the program for a script with its arguments, as text or as a list; null for that of the guest's system
     */
    @NonNull
    public static GuestCommand command(@CheckForNull Object given, @CheckForNull Object shell) {
        List<String> program = words("shell", shell);
        if (given instanceof List<?> arguments) {
            GuestCommand command = GuestCommand.of(texts("command", arguments));
            return program.isEmpty() ? command : new GuestCommand(command.arguments(), null, program, Map.of(), "");
        }
        if (GuestParameters.text(given) == null) {
            throw new IllegalArgumentException(Messages.CommandParameters_noCommand());
        }
        if (!isText(given)) {
            throw new IllegalArgumentException(
                    Messages.CommandParameters_noCommandKind(SafeText.singleLine(String.valueOf(given))));
        }
        return GuestCommand.of(given.toString(), program);
    }

    private static List<String> words(String parameter, @CheckForNull Object given) {
        if (given instanceof List<?> words) {
            return texts(parameter, words);
        }
        String text = GuestParameters.text(given);
        return text == null ? List.of() : List.of(text.split("\\s+"));
    }

    private static List<String> texts(String parameter, List<?> values) {
        List<String> texts = new ArrayList<>();
        values.forEach(value -> texts.add(text(parameter, value)));
        return texts;
    }

    private static String text(String parameter, @CheckForNull Object value) {
        if (!isText(value)) {
            throw new IllegalArgumentException(
                    Messages.CommandParameters_noText(parameter, SafeText.singleLine(String.valueOf(value))));
        }
        return value.toString();
    }

    private static boolean isText(@CheckForNull Object value) {
        return value instanceof CharSequence || value instanceof Number || value instanceof Boolean;
    }

    /**
     * The variables.
     *
     * @param given a map, or lines of the form {@code NAME=value} as text or as a list; null for none
     */
    @NonNull
    public static Map<String, String> environment(@CheckForNull Object given) {
        Map<String, String> variables = new TreeMap<>();
        if (given instanceof Map<?, ?> map) {
            map.forEach((name, value) -> variables.put(text("env", name), text("env", value)));
        } else if (given instanceof List<?> lines) {
            lines.forEach(line -> putVariable(variables, text("env", line)));
        } else if (GuestParameters.text(given) != null) {
            if (!isText(given)) {
                throw new IllegalArgumentException(
                        Messages.CommandParameters_noEnvironment(SafeText.singleLine(given.toString())));
            }
            given.toString().lines().filter(line -> !line.isBlank()).forEach(line -> putVariable(variables, line));
        }
        return variables;
    }

    private static void putVariable(Map<String, String> variables, String line) {
        int equals = line.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException(Messages.CommandParameters_noVariable(SafeText.singleLine(line)));
        }
        variables.put(line.substring(0, equals).strip(), line.substring(equals + 1));
    }

    /** The timeout of a command, given in seconds; one hour if none is given. */
    @NonNull
    public static Duration timeout(@CheckForNull Object given) {
        return GuestParameters.text(given) == null ? ExecRequest.DEFAULT_TIMEOUT : GuestParameters.timeout(given);
    }
}
