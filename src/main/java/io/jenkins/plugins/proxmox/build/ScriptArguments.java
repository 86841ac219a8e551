package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Util;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
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

/**
 * The arguments that a script in a Pipeline or in Job DSL passes to a step or a form: names with values of any kind.
 */
public final class ScriptArguments {

    private ScriptArguments() {}

    /**
     * @throws AbortException when the step has no such parameter, or a value cannot be read; the message is one line
     *     that names the parameter
     */
    @NonNull
    public static <T> T instantiate(Class<T> step, Map<String, Object> arguments) throws AbortException {
        try {
            return DescribableModel.of(step).instantiate(given(step, arguments), null);
        } catch (IllegalArgumentException e) {
            throw (AbortException) BuildConsole.failure(refusal(e));
        }
    }

    /** Returns the exception of the setter, out of the summary of all arguments in which Jenkins wraps it. */
    private static IllegalArgumentException refusal(IllegalArgumentException account) {
        Throwable cause = account;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof IllegalArgumentException refusal ? refusal : account;
    }

    /**
     * Returns the arguments that are given, converted to the parameters of {@code type}. Leaves out null and blank
     * text.
     *
     * @throws IllegalArgumentException when there is no such parameter, or it never takes this kind of value
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
        String line = SafeText.singleLine(name);
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
            // the setter reads it
            return value;
        }
        if (value instanceof CharSequence || value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        throw new IllegalArgumentException(
                Messages.ScriptArguments_noText(parameter.getName(), SafeText.singleLine(value.toString())));
    }

    /** The values of those names that are given, on one line; null when there are none. */
    @CheckForNull
    public static String summary(Map<String, Object> arguments, String... names) {
        return Util.fixEmpty(Stream.of(names)
                .map(name -> GuestParameters.text(arguments.get(name)))
                .filter(Objects::nonNull)
                .map(SafeText::singleLine)
                .collect(Collectors.joining(" ")));
    }
}
