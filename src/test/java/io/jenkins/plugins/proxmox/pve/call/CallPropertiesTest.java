package io.jenkins.plugins.proxmox.pve.call;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class CallPropertiesTest {

    private static final String[] WORDS = {
        "/", "nodes", "/pve1", "/qemu", "/100", "/status", "/start", "/access", "/ticket", "*", "**", "/*", "/**",
        "GET", "POST ", "DELETE", ",", " ", "..", "/..", "%2e", "?", "api2"
    };

    @Provide
    Arbitrary<String> paths() {
        return HostileText.near("paths", WORDS);
    }

    @Provide
    Arbitrary<String> rules() {
        return HostileText.near("rules", WORDS);
    }

    @Provide
    Arbitrary<String> longTexts() {
        return HostileText.repeated(WORDS);
    }

    @Provide
    Arbitrary<Method> methods() {
        return Arbitraries.of(Method.class);
    }

    @Fuzzed
    void aPathMeansTheSameToRulesAndToTheServer(@ForAll("paths") String text, @ForAll("methods") Method method) {
        try {
            CallPath path = CallPath.parse(text);
            assertThat(path.toString(), is(text));
            assertThat(path.toApiPath().toString(), is(text));
            assertThat(text, matchesPattern("(?:/[A-Za-z0-9._~!@:=+,-]+)+"));
            assertThat(text + "/", not(containsString("/../")));
            ApiCall.of(method, path, Map.of());
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void aRuleIsReadBackAsItIsWritten(@ForAll("rules") String line) {
        try {
            CallRule rule = CallRule.parse(line);
            assertThat(rule.toString(), matchesPattern("(?:GET|POST|PUT|DELETE)(?:,(?:GET|POST|PUT|DELETE))* /.+"));
            assertThat(CallRule.parse(rule.toString()).toString(), is(rule.toString()));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void aRuleAllowsExactlyWhatItsPatternCovers(
            @ForAll("rules") String line, @ForAll("paths") String text, @ForAll("methods") Method method) {
        CallRule rule;
        CallPath path;
        try {
            rule = CallRule.parse(line);
            path = CallPath.parse(text);
        } catch (IllegalArgumentException e) {
            return;
        }
        assertThat(rule + " " + path, rule.allows(method, path), is(covers(rule.toString(), method, path)));
        if (ProhibitedCalls.reason(method, path).isEmpty()) {
            assertThat(CallRule.parse(CallRule.lineFor(method, path)).allows(method, path), is(true));
        }
    }

    private static boolean covers(String rule, Method method, CallPath path) {
        String[] parts = rule.split(" ");
        List<String> pattern = Arrays.asList(parts[1].substring(1).split("/"));
        List<String> segments = path.segments();
        boolean open = pattern.get(pattern.size() - 1).equals("**");
        boolean fits = segments.size() == pattern.size() || open && segments.size() > pattern.size();
        for (int i = 0; fits && i < pattern.size(); i++) {
            fits = pattern.get(i).startsWith("*") || pattern.get(i).equals(segments.get(i));
        }
        return fits && List.of(parts[0].split(",")).contains(method.name());
    }

    @Fuzzed
    void noWritingOfAPathLeadsAroundTheProhibitions(@ForAll("paths") String text, @ForAll("methods") Method method) {
        try {
            CallPath path = CallPath.parse(text);
            CallPath shouted = CallPath.parse(text.toUpperCase(Locale.ROOT));
            assertThat(ProhibitedCalls.reason(method, shouted), is(ProhibitedCalls.reason(method, path)));
            boolean login = text.toLowerCase(Locale.ROOT).startsWith("/access/ticket");
            if (login && path.segments().get(1).equalsIgnoreCase("ticket")) {
                assertThat(ProhibitedCalls.reason(method, path).isEmpty(), is(false));
                assertThrows(IllegalArgumentException.class, () -> ApiCall.of(method, path, Map.of()));
            }
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longPathsAndRulesAreReadAtOnce(@ForAll("longTexts") String text) {
        aPathMeansTheSameToRulesAndToTheServer(text, Method.GET);
        aRuleIsReadBackAsItIsWritten(text);
        aRuleIsReadBackAsItIsWritten("GET " + text);
        parametersAreWrittenAsTheServerReadsThem(text, text);
    }

    @Provide
    Arbitrary<String> texts() {
        return HostileText.of(
                "delete", "vms", "net0", "[", "]", "1e999999999", "1E-999999999", "0.10", "120", "-", ".5");
    }

    @Fuzzed
    void parametersAreWrittenAsTheServerReadsThem(@ForAll("texts") String name, @ForAll("texts") String value) {
        try {
            List<String> values = CallParameters.of(Map.of(name, Arrays.asList(value, true, null, number(value))))
                    .get(name);
            assertThat(values.get(0), is(value));
            assertThat(values.get(1), is("1"));
            assertThat(values.get(2).length(), is(lessThan(70_000)));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    private static Number number(String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
