package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Util;
import io.jenkins.plugins.proxmox.pve.text.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jenkinsci.plugins.structs.describable.DescribableModel;
import org.jenkinsci.plugins.structs.describable.DescribableParameter;
import org.jenkinsci.plugins.structs.describable.UninstantiatedDescribable;

/** What a script, of a Pipeline or of Job DSL, hands to a step or to a form: names with values of any kind. */
public final class ScriptArguments {

    private ScriptArguments() {}

    /**
     * The step that they make.
     *
     * @throws AbortException when it has no such parameter, or a value cannot be read; the message is one line that names
     *     the parameter
     */
    @NonNull
    public static <T> T instantiate(Class<T> step, Map<String, Object> arguments) throws AbortException {
        try {
            return DescribableModel.of(step).instantiate(given(step, arguments), null);
        } catch (IllegalArgumentException e) {
            throw (AbortException) BuildConsole.failure(refusal(e));
        }
    }

    /** What a setter says, out of the account of all arguments that Jenkins makes of it. */
    private static IllegalArgumentException refusal(IllegalArgumentException account) {
        Throwable cause = account;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof IllegalArgumentException refusal ? refusal : account;
    }

    /**
     * Those that are given, each as the parameter of {@code type} takes it: null and blank texts are left out.
     *
     * @throws IllegalArgumentException when there is no such parameter, or the value is of a kind that it never takes
     */
    @NonNull
    public static Map<String, Object> given(Class<?> type, Map<String, Object> arguments) {
        DescribableModel<?> model = DescribableModel.of(type);
        Map<String, Object> given = new LinkedHashMap<>();
        arguments.forEach((name, value) -> {
            if (name.equals(UninstantiatedDescribable.ANONYMOUS_KEY)) {
                given.put(name, value);
                return;
            }
            DescribableParameter parameter = parameter(model, name);
            if (GuestParameters.text(value) != null) {
                given.put(name, fitting(parameter, value));
            }
        });
        return given;
    }

    private static DescribableParameter parameter(DescribableModel<?> model, String name) {
        DescribableParameter parameter = model.getParameter(name);
        if (parameter != null) {
            return parameter;
        }
        List<String> known = model.getParameters().stream()
                .map(DescribableParameter::getName)
                .toList();
        String line = Text.singleLine(name);
        Optional<String> nearest = SpellingSuggestion.to(line, known);
        throw new IllegalArgumentException(
                nearest.isPresent()
                        ? Messages.ScriptArguments_misspelled(line, nearest.get())
                        : Messages.ScriptArguments_unknown(line, String.join(", ", known)));
    }

    private static Object fitting(DescribableParameter parameter, Object value) {
        Class<?> type = parameter.getErasedType();
        if (type == boolean.class) {
            return GuestParameters.flag(parameter.getName(), value, false);
        }
        if (type != String.class) {
            // its setter reads it
            return value;
        }
        if (value instanceof CharSequence || value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        throw new IllegalArgumentException(
                Messages.ScriptArguments_noText(parameter.getName(), Text.singleLine(value.toString())));
    }

    /** The values of those names that are given, on one line; null when there are none. */
    @CheckForNull
    public static String summary(Map<String, Object> arguments, String... names) {
        return Util.fixEmpty(Stream.of(names)
                .map(name -> GuestParameters.text(arguments.get(name)))
                .filter(Objects::nonNull)
                .map(Text::singleLine)
                .collect(Collectors.joining(" ")));
    }
}
