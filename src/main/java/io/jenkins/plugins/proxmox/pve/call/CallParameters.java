package io.jenkins.plugins.proxmox.pve.call;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes the parameters of a script as Proxmox VE reads them. */
public final class CallParameters {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:\\[\\]-]{1,200}");

    /** Digits: 1e999999999 is short to write in Groovy, but its digits fill the memory. */
    private static final int LONGEST_NUMBER = 400;

    private CallParameters() {}

    /**
     * The parameters, each with its values. True and false become 1 and 0 (PVE::JSONSchema, boolean), a list becomes a
     * field with several values, and null is left out.
     *
     * @throws IllegalArgumentException when a name or value cannot be a parameter
     */
    @NonNull
    public static Map<String, List<String>> of(Map<?, ?> given) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        given.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(Texts.of("call.parameter.name", SafeText.singleLine(name)));
            }
            List<String> values = values(name, value);
            if (!values.isEmpty()) {
                parameters.put(name, values);
            }
        });
        return parameters;
    }

    private static List<String> values(String name, @Nullable Object value) {
        if (value instanceof Iterable<?> list) {
            List<Object> elements = new ArrayList<>();
            list.forEach(elements::add);
            return elements.stream()
                    .filter(Objects::nonNull)
                    .map(element -> text(name, element))
                    // not List.of: the list is saved with the build
                    .collect(Collectors.toCollection(ArrayList::new));
        }
        return value == null ? List.of() : List.of(text(name, value));
    }

    private static String text(String name, Object value) {
        if (value instanceof Boolean flag) {
            return flag ? "1" : "0";
        }
        if (value instanceof Number number) {
            return plain(name, number);
        }
        if (value instanceof CharSequence || value instanceof Character) {
            return value.toString();
        }
        throw new IllegalArgumentException(Texts.of("call.parameter.value", name));
    }

    /** A whole number without decimals: in Groovy, {@code 120 / 2} is a decimal number. */
    private static String plain(String name, Number number) {
        BigDecimal exact;
        try {
            exact = new BigDecimal(number.toString()).stripTrailingZeros();
        } catch (NumberFormatException e) {
            return number.toString();
        }
        long digits = Math.max(exact.precision(), Math.abs((long) exact.scale()));
        if (digits > LONGEST_NUMBER) {
            throw new IllegalArgumentException(Texts.of("call.parameter.number", name, LONGEST_NUMBER));
        }
        return exact.toPlainString();
    }
}
