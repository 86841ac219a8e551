package io.jenkins.plugins.proxmox.pve.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shell of a node of the simulated cluster, as root: runs commands as they are printed, so that advice can be followed to
 * the letter. Knows {@code pveum} as far as explanations use it (PVE::CLI::pveum); anything else is an error.
 */
public final class HostShell {

    /** A word: runs of plain characters, of 'single' or "double" quotes, and of escaped characters. */
    private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"\\\\]|'[^']*'|\"[^\"]*\"|\\\\.)+");

    private static final Pattern PIECE = Pattern.compile("'([^']*)'|\"([^\"]*)\"|\\\\(.)|([^'\"\\\\]+)");

    private final AccessControl access;

    public HostShell(AccessControl access) {
        this.access = access;
    }

    /** Runs commands one after the other; a failure of one is no reason to leave out the next, as when they are pasted. */
    public void paste(List<String> commands) {
        for (String command : commands) {
            try {
                run(command);
            } catch (Refusal failed) {
                if (!failed.getMessage().endsWith("already exists")) {
                    throw failed;
                }
            }
        }
    }

    /**
     * Runs one command.
     *
     * @throws RuntimeException in the words of Proxmox VE when it fails
     */
    public void run(String command) {
        List<String> words = words(command);
        if (words.size() < 3 || !words.get(0).equals("pveum")) {
            throw new IllegalArgumentException("command not found: " + command);
        }
        List<String> arguments = new ArrayList<>();
        Map<String, String> options = new TreeMap<>();
        for (int i = 3; i < words.size(); i++) {
            if (words.get(i).startsWith("--")) {
                options.put(words.get(i).substring(2), words.get(i + 1));
                i++;
            } else {
                arguments.add(words.get(i));
            }
        }
        pveum(words.get(1) + " " + words.get(2), arguments, options, command);
    }

    private void pveum(String what, List<String> arguments, Map<String, String> options, String command) {
        switch (what) {
            case "role add" -> addRole(arguments.get(0), options.get("privs"));
            case "acl modify" ->
                subjects(options)
                        .forEach(subject -> access.grant(
                                arguments.get(0),
                                subject,
                                options.get("roles"),
                                !"0".equals(options.get("propagate"))));
            case "acl delete" ->
                subjects(options).forEach(subject -> access.take(arguments.get(0), subject, options.get("roles")));
            case "user permissions" -> requireExisting(arguments.get(0));
            case "acl list", "user list", "pool list" -> {}
            case "pool add" -> access.pool(arguments.get(0));
            case "user token" -> token(arguments, options);
            default -> throw new IllegalArgumentException("unknown command: " + command);
        }
    }

    private void addRole(String name, String privileges) {
        if (name.toLowerCase(java.util.Locale.ROOT).startsWith("pve")) {
            throw Refusal.of(400, "cannot use role ID starting with the (case-insensitive) 'PVE' namespace");
        }
        if (access.roles().containsKey(name)) {
            throw Refusal.of(500, "create role failed: role '" + name + "' already exists");
        }
        Set<String> known = access.roles().get("Administrator");
        for (String privilege : privileges.split("[\\s,;]+")) {
            if (!known.contains(privilege)) {
                throw Refusal.of(500, "create role failed: invalid privilege '" + privilege + "'");
            }
        }
        access.role(name, privileges.replaceAll("[\\s,;]+", ","));
    }

    private List<String> subjects(Map<String, String> options) {
        List<String> subjects = new ArrayList<>();
        for (String kind : List.of("users", "tokens")) {
            if (options.containsKey(kind)) {
                requireExisting(options.get(kind));
                subjects.add(options.get(kind));
            }
        }
        return subjects;
    }

    private void requireExisting(String userOrToken) {
        if (!access.exists(userOrToken)) {
            throw Refusal.of(500, "'" + userOrToken + "' does not exist");
        }
    }

    private void token(List<String> arguments, Map<String, String> options) {
        String tokenId = arguments.size() > 2 ? arguments.get(1) + "!" + arguments.get(2) : arguments.get(1);
        switch (arguments.get(0)) {
            case "list", "permissions" -> requireExisting(tokenId);
            case "add" -> access.token(tokenId, !"0".equals(options.get("privsep")));
            case "modify" -> {
                requireExisting(tokenId);
                if (options.containsKey("privsep")) {
                    access.separate(arguments.get(1), arguments.get(2), !"0".equals(options.get("privsep")));
                }
            }
            default -> throw new IllegalArgumentException("unknown command: pveum user token " + arguments);
        }
    }

    /** The words of a command line, as a POSIX shell takes it apart; what else a shell does with it is an error here. */
    static List<String> words(String command) {
        if (command.replaceAll("'[^']*'", "").matches(".*[$`|&;<>()].*")) {
            throw new IllegalArgumentException("not a simple command: " + command);
        }
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            StringBuilder word = new StringBuilder();
            Matcher piece = PIECE.matcher(matcher.group());
            while (piece.find()) {
                for (int group = 1; group <= piece.groupCount(); group++) {
                    if (piece.group(group) != null) {
                        word.append(piece.group(group));
                    }
                }
            }
            words.add(word.toString());
        }
        return words;
    }
}
