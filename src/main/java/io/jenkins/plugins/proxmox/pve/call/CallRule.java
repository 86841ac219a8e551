package io.jenkins.plugins.proxmox.pve.call;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A rule that allows calls, such as {@code GET,POST /nodes/*}{@code /qemu/*}{@code /status/**}. In its pattern, {@code *}
 * stands for exactly one segment. {@code **} at the end stands for at least one, so that {@code /a/**} does not allow
 * {@code /a} itself: a DELETE of what is in a guest is not a DELETE of the guest.
 */
public final class CallRule {

    private static final String ONE = "*";
    private static final String REST = "**";

    private final Set<Method> methods;
    private final List<String> pattern;

    private CallRule(Set<Method> methods, List<String> pattern) {
        this.methods = methods;
        this.pattern = pattern;
    }

    /**
     * @throws IllegalArgumentException when it is not a rule, or allows nothing because Jenkins never makes such a call
     */
    @NonNull
    public static CallRule parse(String line) {
        String shown = SafeText.singleLine(line);
        String rule = SafeText.trimmed(line);
        int slash = rule.indexOf('/');
        if (slash < 1 || !Character.isWhitespace(rule.charAt(slash - 1))) {
            throw new IllegalArgumentException(Texts.of("call.rule.form", shown));
        }
        Set<Method> methods = methods(rule.substring(0, slash).strip(), shown);
        List<String> pattern = pattern(rule.substring(slash));
        boolean exact = pattern.stream().noneMatch(CallRule::isWildcard);
        if (exact) {
            CallPath path = new CallPath(pattern);
            methods.stream()
                    .map(method -> ProhibitedCalls.reason(method, path))
                    .filter(reason -> !reason.isEmpty())
                    .findFirst()
                    .ifPresent(reason -> {
                        throw new IllegalArgumentException(Texts.of("call.rule.prohibited", shown, reason));
                    });
        }
        return new CallRule(methods, pattern);
    }

    private static Set<Method> methods(String names, String shown) {
        Set<Method> methods = EnumSet.noneOf(Method.class);
        for (String name : names.split("[,\\s]+")) {
            methods.add(Stream.of(Method.values())
                    .filter(method -> method.name().equals(name.toUpperCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            Texts.of("call.rule.method", shown, SafeText.singleLine(name)))));
        }
        if (methods.isEmpty()) {
            // nothing but commas
            throw new IllegalArgumentException(Texts.of("call.rule.form", shown));
        }
        return methods;
    }

    private static List<String> pattern(String text) {
        List<String> segments = CallPath.segmentsOf(text);
        for (int i = 0; i < segments.size(); i++) {
            String segment = segments.get(i);
            boolean last = i == segments.size() - 1;
            if (segment.equals(REST) && !last || segment.contains(ONE) && !isWildcard(segment)) {
                throw new IllegalArgumentException(Texts.of("call.rule.wildcard", SafeText.singleLine(text)));
            }
            if (!isWildcard(segment)) {
                CallPath.requirePlain(segment, text);
            }
        }
        if (segments.get(0).equalsIgnoreCase("api2")) {
            CallPath.parse(text);
        }
        return segments;
    }

    private static boolean isWildcard(String segment) {
        return segment.equals(ONE) || segment.equals(REST);
    }

    /** The narrowest line that allows the call. A task has another UPID each time, so it becomes a wildcard. */
    @NonNull
    public static String lineFor(Method method, CallPath path) {
        return path.segments().stream()
                .map(segment -> Upid.isUpid(segment) ? ONE : segment)
                .collect(Collectors.joining("/", method + " /", ""));
    }

    boolean allows(Method method, CallPath path) {
        return methods.contains(method) && matches(path.segments());
    }

    private boolean matches(List<String> segments) {
        boolean open = pattern.get(pattern.size() - 1).equals(REST);
        boolean length = open ? segments.size() >= pattern.size() : segments.size() == pattern.size();
        if (!length) {
            return false;
        }
        for (int i = 0; i < pattern.size(); i++) {
            if (!isWildcard(pattern.get(i)) && !pattern.get(i).equals(segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether it allows to change anything anywhere. */
    public boolean isUnlimited() {
        return pattern.equals(List.of(REST)) && methods.stream().anyMatch(method -> method != Method.GET);
    }

    @Override
    public String toString() {
        return methods.stream().map(Enum::name).collect(Collectors.joining(",")) + " /" + String.join("/", pattern);
    }
}
