package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code parameters} of {@code proxmoxApi}: a map in a script, lines {@code name=value} in a form. */
final class CallArguments {

    private CallArguments() {}

    /**
     * @throws IllegalArgumentException when it is neither a map nor such lines
     */
    @NonNull
    static Map<String, Object> of(@CheckForNull Object given) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        if (given instanceof Map<?, ?> map) {
            map.forEach((name, value) -> arguments.put(String.valueOf(name), savable(value)));
        } else if (given instanceof CharSequence text) {
            text.toString().lines().filter(line -> !line.isBlank()).forEach(line -> add(arguments, line));
        } else if (given != null) {
            throw new IllegalArgumentException(
                    Messages.CallArguments_noMap(SafeText.singleLine(String.valueOf(given))));
        }
        return arguments;
    }

    /** A text of Groovy refers to its script, and is not saved with a build. */
    @CheckForNull
    private static Object savable(@CheckForNull Object value) {
        if (value instanceof CharSequence text) {
            return text.toString();
        }
        if (value instanceof List<?> list) {
            List<Object> elements = new ArrayList<>();
            list.forEach(element -> elements.add(savable(element)));
            return elements;
        }
        return value;
    }

    /** Adds a line; a name that comes again has a list of values. */
    private static void add(Map<String, Object> arguments, String line) {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException(Messages.CallArguments_noLine(SafeText.singleLine(line)));
        }
        arguments.merge(line.substring(0, equals).strip(), line.substring(equals + 1), (before, next) -> {
            List<Object> values = new ArrayList<>(before instanceof List<?> list ? list : List.of(before));
            values.add(next);
            return values;
        });
    }

    @NonNull
    static String text(Map<String, Object> arguments) {
        List<String> lines = new ArrayList<>();
        arguments.forEach((name, value) -> {
            for (Object each : value instanceof List<?> list ? list : List.of(value == null ? "" : value)) {
                lines.add(name + "=" + each);
            }
        });
        return String.join("\n", lines);
    }
}
