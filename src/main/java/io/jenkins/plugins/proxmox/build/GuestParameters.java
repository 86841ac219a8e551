package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the values of steps and forms by one rule. Null and blank text count as not given. Numbers, true and false can
 * be text, with blanks around them. Any other value is refused with an {@link IllegalArgumentException}, whose message
 * is one line that names the parameter.
 */
public final class GuestParameters {

    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,18}");

    private GuestParameters() {}

    /** The text, or a number as text, without blanks around it; null when it is blank. */
    @CheckForNull
    public static String text(@CheckForNull Object given) {
        if (given instanceof Number number) {
            return text(number);
        }
        String text = given == null ? "" : given.toString().strip();
        return text.isEmpty() ? null : text;
    }

    /** A whole number without decimals: in Groovy, {@code 60.0} and {@code 120 / 2} are decimal numbers. */
    private static String text(Number number) {
        try {
            return String.valueOf(new BigDecimal(number.toString()).longValueExact());
        } catch (ArithmeticException | NumberFormatException e) {
            return number.toString();
        }
    }

    /** The VMID; null if none is given. */
    @CheckForNull
    public static Integer vmid(@CheckForNull Object given) {
        String text = text(given);
        if (text == null) {
            return null;
        }
        Integer vmid = GuestLocation.parseVmid(text);
        if (vmid == null) {
            throw new IllegalArgumentException(Messages.GuestParameters_noVmid(
                    SafeText.singleLine(text), GuestLocation.SMALLEST_VMID, GuestLocation.LARGEST_VMID));
        }
        return vmid;
    }

    /** The name of a node, unchanged: a name with blanks around it is refused, not corrected. */
    @CheckForNull
    public static String node(@CheckForNull String given) {
        return text(given) == null ? null : given;
    }

    /** The timeout of an operation, given in seconds; the default if none is given. */
    @NonNull
    public static Duration timeout(@CheckForNull Object given) {
        String text = text(given);
        if (text == null) {
            return OperationRequest.DEFAULT_TIMEOUT;
        }
        if (!WHOLE_NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException(Messages.GuestParameters_noSeconds(SafeText.singleLine(text)));
        }
        Duration timeout = Duration.ofSeconds(Long.parseLong(text));
        OperationRequest.requirePossible(timeout);
        return timeout;
    }

    /** A whole number in that range; null if none is given. */
    @CheckForNull
    public static Integer number(String parameter, @CheckForNull Object given, int least, int most) {
        String text = text(given);
        if (text == null) {
            return null;
        }
        boolean whole = WHOLE_NUMBER.matcher(text).matches();
        if (!whole || Long.parseLong(text) < least || Long.parseLong(text) > most) {
            throw new IllegalArgumentException(
                    Messages.GuestParameters_noNumber(parameter, SafeText.singleLine(text), least, most));
        }
        return Integer.valueOf(text);
    }

    /** What to wait for once the guest runs; nothing more if none is given. */
    @NonNull
    public static Availability waitFor(@CheckForNull Object given) {
        String text = text(given);
        return text == null ? Availability.RUNNING : Availability.parse(text);
    }

    /** Whether the parameter is true; {@code otherwise} if it is not given. */
    public static boolean flag(String parameter, @CheckForNull Object given, boolean otherwise) {
        Object flag = flagOrText(given, otherwise);
        if (flag instanceof Boolean wanted) {
            return wanted;
        }
        throw new IllegalArgumentException(
                Messages.GuestParameters_noFlag(parameter, SafeText.singleLine(flag.toString())));
    }

    /** The same for forms. Returns a text that is neither true nor false unchanged, so that the form can show it. */
    @NonNull
    public static Object flagOrText(@CheckForNull Object given, boolean otherwise) {
        String text = text(given);
        if (text == null) {
            return otherwise;
        }
        boolean isFlag = text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false");
        return isFlag ? Boolean.valueOf(text) : text;
    }

    /** The choice with the given name. A name must be given. */
    @NonNull
    public static <T> T choice(String parameter, @CheckForNull String given, T[] choices) {
        List<String> names = Stream.of(choices).map(Object::toString).toList();
        String all = String.join(", ", names);
        String text = text(given);
        if (text == null) {
            throw new IllegalArgumentException(Messages.GuestParameters_notChosen(parameter, all));
        }
        int chosen = names.indexOf(text);
        if (chosen >= 0) {
            return choices[chosen];
        }
        String line = SafeText.singleLine(text);
        Optional<String> nearest = SpellingSuggestion.to(line, names);
        throw new IllegalArgumentException(
                nearest.isPresent()
                        ? Messages.GuestParameters_misspelledChoice(parameter, line, nearest.get(), all)
                        : Messages.GuestParameters_noChoice(parameter, line, all));
    }

    /** A text as it is, or the texts of a list with that between them; null when it is blank. */
    @CheckForNull
    public static String list(@CheckForNull Object given, String separator) {
        if (given instanceof Collection<?> several) {
            return text(several.stream()
                    .map(GuestParameters::text)
                    .filter(Objects::nonNull)
                    .collect(Collectors.joining(separator)));
        }
        return text(given);
    }

    @NonNull
    public static GuestSelector selector(
            @CheckForNull Integer vmid, @CheckForNull String name, @CheckForNull String node) {
        return new GuestSelector(vmid, text(name), node(node));
    }
}
