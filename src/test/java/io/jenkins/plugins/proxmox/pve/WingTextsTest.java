package io.jenkins.plugins.proxmox.pve;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.in;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.jenkins.plugins.proxmox.pve.WingSources.Call;
import io.jenkins.plugins.proxmox.pve.WingSources.Literal;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Format;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What the wing says to people stands in {@code Texts.properties}, all of it and nothing else. */
class WingTextsTest {

    static final List<String> PACKAGES = WingSources.PACKAGES;

    private static final String ENGLISH = "Texts.properties";

    /** Two of them make prose, ours or that of somebody else. */
    private static final Pattern WORD = Pattern.compile("[(\"\\\\]*[A-Za-z][A-Za-z'-]*[.,;:!?)\"\\\\]*");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\d+)}");

    /** Calls whose texts are not ours: what Proxmox VE or the JVM writes is looked for in what they wrote. */
    private static final Pattern COMPARES = Pattern.compile("(Pattern\\.compile|\\.contains|\\bentry)\\($");

    /** Texts in the code that nobody is to translate, and why. */
    private static final Map<String, String> NO_SENTENCES = Map.ofEntries(
            Map.entry("ApiToken: API token ", "its text form, for a debugger"),
            Map.entry("TicketLogin: ticket login of ", "its text form, for a debugger"),
            Map.entry("TlsTrust: certificate authority ", "its text form, for a debugger"),
            Map.entry("TaskStatus: unexpected end", "stands where the words of Proxmox VE stand otherwise"),
            Map.entry("OtherProxmoxProduct: Proxmox Backup Server", "the name of a product"),
            Map.entry("OtherProxmoxProduct: Proxmox Datacenter Manager", "the name of a product"),
            Map.entry("ProxmoxThreads: Proxmox VE [#", "the name of a thread"),
            Map.entry("RequestBudget: A number of requests is not negative.", "an error of the program"),
            Map.entry("TlsStrategyFactory: this side only talks to servers", "an error of the program"),
            Map.entry("TlsStrategyFactory: The JVM offers no TLS as needed: ", "an error of the JVM"),
            Map.entry("TlsStrategyFactory: no X.509 trust manager", "an error of the JVM"));

    private static Map<String, String> texts(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> texts = new TreeMap<>();
        properties.forEach((key, text) -> texts.put(key.toString(), text.toString()));
        return texts;
    }

    private static Map<String, String> english(String name) {
        // most rooms have theirs in that of the texts
        return WingSources.files("src/main/resources", name, ENGLISH).stream()
                .findFirst()
                .map(WingTextsTest::texts)
                .orElse(Map.of());
    }

    /** English first, then translations, among them those that only tests have. */
    private static List<Path> languages(String name) {
        List<Path> files = new ArrayList<>(WingSources.files("src/main/resources", name, ".properties"));
        files.addAll(WingSources.files("src/test/resources", name, ".properties"));
        return files;
    }

    private static Set<Integer> placeholders(String pattern) {
        Set<Integer> numbers = new TreeSet<>();
        PLACEHOLDER.matcher(pattern).results().forEach(found -> numbers.add(Integer.valueOf(found.group(1))));
        return numbers;
    }

    @Test
    void hasEachTextThatIsUsedAndUsesEachThatItHas() {
        Set<String> used = new TreeSet<>();
        for (String name : PACKAGES) {
            for (Call call : WingSources.callsIn(name, "Texts.of")) {
                assertThat(call + " names its text", call.literalsIn(0), is(not(empty())));
                used.addAll(call.literalsIn(0));
            }
        }
        assertThat(used, is(english("text").keySet()));
    }

    @ParameterizedTest
    @FieldSource("PACKAGES")
    void givesEachTextItsValues(String name) {
        Map<String, String> texts = english("text");
        for (Call call : WingSources.callsIn(name, "Texts.of")) {
            int values = call.arguments().size() - 1;
            for (String key : call.literalsIn(0)) {
                assertThat(call.toString(), placeholders(texts.get(key)), everyItem(is(lessThan(values))));
            }
        }
    }

    /** Its keys are put together, so that only those can be looked for that are named; they are nearly all. */
    @Test
    void hasEachTextThatADiagnosisNames() {
        Set<String> used = new TreeSet<>();
        addKeys(used, "DiagnosisTexts.sentence", 0, "");
        addKeys(used, "DiagnosisTexts.plain", 0, "");
        addKeys(used, "DiagnosisTexts.commands", 0, "");
        addKeys(used, "draft.found", 1, "finding.");
        addKeys(used, "draft.cause", 0, "cause.");
        addKeys(used, "draft.under", 0, "headline.");
        addKeys(used, "note", 1, "check.");
        addKeys(used, "warn", 0, "check.");
        assertThat(used.size(), is(greaterThan(70)));
        assertThat(used, everyItem(is(in(english("diagnosis").keySet()))));
    }

    private static void addKeys(Set<String> keys, String method, int argument, String prefix) {
        for (Call call : WingSources.callsIn("diagnosis", method)) {
            if (call.arguments().size() > argument
                    && !call.arguments().get(argument).contains("+")) {
                call.literalsIn(argument).forEach(key -> keys.add(prefix + key));
            }
        }
    }

    @ParameterizedTest
    @FieldSource("PACKAGES")
    void writesPatternsThatMeanWhatTheySay(String name) {
        for (Path file : languages(name)) {
            texts(file).forEach((key, pattern) -> {
                String where = file.getFileName() + ", " + key;
                boolean single = pattern.replace("''", "").contains("'");
                assertThat(where + ": one apostrophe is written as two", single, is(false));
                Format[] formats = new MessageFormat(pattern).getFormats();
                assertThat(where + ": values have no format", Arrays.asList(formats), everyItem(is(nullValue())));
            });
        }
    }

    /** A translation is of texts that there are, with no other values than they have. */
    @ParameterizedTest
    @FieldSource("PACKAGES")
    void translatesWhatThereIs(String name) {
        Map<String, String> english = english(name);
        for (Path file : languages(name)) {
            texts(file).forEach((key, pattern) -> {
                assertThat(file.getFileName().toString(), key, is(in(english.keySet())));
                assertThat(
                        file.getFileName() + ", " + key,
                        placeholders(pattern),
                        everyItem(is(in(placeholders(english.get(key))))));
            });
        }
    }

    @Test
    void leavesNoSentenceInTheCode() {
        Set<String> left = new TreeSet<>();
        Set<String> allowed = new HashSet<>(NO_SENTENCES.keySet());
        for (String name : PACKAGES) {
            for (Literal literal : WingSources.literalsOf(name)) {
                String found = literal.file() + ": " + literal.text();
                if (isProse(literal) && !allowed.remove(found) && !NO_SENTENCES.containsKey(found)) {
                    left.add(found);
                }
            }
        }
        assertThat("sentences in the code", left, is(empty()));
        assertThat("no longer there", allowed, is(empty()));
    }

    /** What goes to the log of the system is for who looks into the code as well. */
    private static boolean isProse(Literal literal) {
        long words = Arrays.stream(literal.text().strip().split("\\s+"))
                .filter(word -> WORD.matcher(word).matches())
                .count();
        return words >= 2
                && !literal.before().startsWith("LOGGER.")
                && !COMPARES.matcher(literal.before()).find();
    }

    @Test
    void seesASentenceInTheCode() {
        assertThat(isProse(new Literal("Guest", " on node ", "return guest +")), is(true));
        assertThat(
                isProse(new Literal("Guest", "Type the \\\"name\\\".", "return MessageBundle.sentences(")), is(true));
        assertThat(isProse(new Literal("Guest", "going down", "LOGGER.log(Level.FINE,")), is(false));
        assertThat(isProse(new Literal("Guest", "no such user", "if (said.contains(")), is(false));
        assertThat(isProse(new Literal("Guest", "VM.Audit", "allow(")), is(false));
        assertThat(isProse(new Literal("Guest", "ct:", "")), is(false));
    }

    @Test
    void readsSources() {
        assertThat(
                WingSources.callsIn("task", "Texts.of").stream()
                        .map(Call::arguments)
                        .toList(),
                hasItem(contains("\"patience.task\"", "task")));
        assertThat(
                WingSources.literalsOf("task").stream()
                        .filter(literal -> literal.text().equals("patience.task"))
                        .map(Literal::before)
                        .toList(),
                contains("retryPolicy.bear(trouble, () -> Texts.of("));
    }
}
