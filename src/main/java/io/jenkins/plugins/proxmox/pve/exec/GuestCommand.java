package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What to run in a guest: a program with its arguments, or a script for a shell.
 *
 * @param arguments the program and its arguments; empty for a script
 * @param script null for a program
 * @param shell the program that gets the script as its last argument, with its own arguments before that; empty for the
 *     shell of the guest's system
 * @param environment variables in addition to those of the guest agent
 * @param input the standard input
 */
public record GuestCommand(
        List<String> arguments,
        @Nullable String script,
        List<String> shell,
        Map<String, String> environment,
        String input)
        implements Serializable {

    /** In bytes. It is sent in pieces of 30 KB, each of which takes two requests. */
    public static final int LARGEST_INPUT = 4 * 1024 * 1024;

    /** In bytes: Linux takes 128 KiB for one argument. */
    private static final int LARGEST_COMMAND = 256 * 1024;

    // POSIX, Base Definitions 8.1; a shell cannot set other names
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /**
     * @throws IllegalArgumentException when a value can be no argument, variable or script, or is too long
     */
    public GuestCommand {
        arguments = List.copyOf(arguments);
        shell = List.copyOf(shell);
        environment = new TreeMap<>(environment);
        if (script == null ? arguments.isEmpty() || arguments.get(0).isBlank() : script.isBlank()) {
            throw new IllegalArgumentException(Texts.of("exec.empty"));
        }
        if (script == null && !shell.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("exec.shell-without-text"));
        }
        long size = script == null ? 0 : size("command", script);
        for (String argument : arguments) {
            size += size("command", argument);
        }
        for (String argument : shell) {
            size += size("shell", argument);
        }
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            if (!VARIABLE.matcher(variable.getKey()).matches()) {
                throw new IllegalArgumentException(Texts.of("exec.env-name", SafeText.singleLine(variable.getKey())));
            }
            size += size("env", variable.getValue()) + variable.getKey().length();
        }
        if (size > LARGEST_COMMAND) {
            throw new IllegalArgumentException(Texts.of("exec.command-too-long", size, LARGEST_COMMAND));
        }
        int inputSize = input.getBytes(StandardCharsets.UTF_8).length;
        if (inputSize > LARGEST_INPUT) {
            throw new IllegalArgumentException(Texts.of("exec.input-too-long", inputSize, LARGEST_INPUT));
        }
    }

    private static int size(String parameter, String value) {
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(Texts.of("exec.nul", parameter));
        }
        return value.getBytes(StandardCharsets.UTF_8).length;
    }

    /** A program with its arguments, exactly as they are. */
    @NonNull
    public static GuestCommand of(List<String> arguments) {
        return new GuestCommand(arguments, null, List.of(), Map.of(), "");
    }

    /**
     * A script.
     *
     * @param shell empty for the shell of the guest's system
     */
    @NonNull
    public static GuestCommand of(String script, List<String> shell) {
        return new GuestCommand(List.of(), script, shell, Map.of(), "");
    }

    @NonNull
    public GuestCommand with(Map<String, String> variables) {
        return new GuestCommand(arguments, script, shell, variables, input);
    }

    @NonNull
    public GuestCommand reading(String standardInput) {
        return new GuestCommand(arguments, script, shell, environment, standardInput);
    }

    /** The command on one line, shortened. Without variables and input, which may hold secrets. */
    @Override
    public String toString() {
        return SafeText.singleLine(script == null ? String.join(" ", arguments) : script);
    }
}
