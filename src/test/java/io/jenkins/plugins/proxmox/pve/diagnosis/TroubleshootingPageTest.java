package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/troubleshooting.md} and {@code DiagnosisTexts.properties} say the same. */
class TroubleshootingPageTest {

    private static final ResourceBundle TEXTS = ResourceBundle.getBundle(DiagnosisTexts.class.getName());
    private static final Pattern ANCHOR = Pattern.compile("<a id=\"([a-z0-9-]+)\"></a>");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\d+}");

    private final String page = Pages.read("docs/troubleshooting.md");

    private static Set<String> causes() {
        return TEXTS.keySet().stream()
                .filter(key -> key.matches("cause\\.[a-z0-9-]+"))
                .map(key -> key.substring("cause.".length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> anchors() {
        Set<String> anchors = new TreeSet<>();
        Matcher matcher = ANCHOR.matcher(page);
        while (matcher.find()) {
            assertThat("once: " + matcher.group(1), anchors.add(matcher.group(1)), is(true));
        }
        return anchors;
    }

    /** From the anchor to the next one. */
    private String section(String anchor) {
        int start = page.indexOf("<a id=\"" + anchor + "\"></a>");
        int end = page.indexOf("<a id=", start + 1);
        return page.substring(start, end < 0 ? page.length() : end);
    }

    /** Whether {@code section} holds the text with whatever in place of its placeholders. */
    private static boolean holds(String section, String text) {
        String[] parts = PLACEHOLDER.split(text.replace("''", "'"), -1);
        String regex = Stream.of(parts).map(Pattern::quote).collect(Collectors.joining("[^\\n]+?"));
        return Pattern.compile(regex).matcher(section).find();
    }

    @Test
    void hasASectionForEveryCauseAndNoOther() {
        assertThat(causes().size(), is(greaterThan(40)));
        assertThat(anchors(), is(causes()));
    }

    @Test
    void saysInEachSectionWhatTheDiagnosisSays() {
        for (String cause : causes()) {
            for (String key : List.of("cause." + cause, "cause." + cause + ".remedy")) {
                assertThat(key, holds(section(cause), TEXTS.getString(key)), is(true));
            }
        }
    }

    private void assertShows(String anchor, String key) {
        TEXTS.getString(key).lines().forEach(command -> assertThat(command, holds(section(anchor), command), is(true)));
    }

    @Test
    void showsEachCommand() {
        for (String cause : causes()) {
            String key = "cause." + cause + ".commands";
            if (TEXTS.containsKey(key)) {
                assertShows(cause, key);
            }
        }
    }

    @Test
    void showsHowANewSecretIsMade() {
        for (String cause : List.of("secret-wrong", "secret-malformed")) {
            assertShows(cause, "command.secret-anew");
            assertShows(cause, "command.secret-of-another-token");
        }
    }

    /** {@code {7}} is where the right is missing, or the path above from which it does not come down. */
    @Test
    void showsHowRightsAreGiven() {
        for (String cause :
                List.of("token-without-acl", "rights-elsewhere", "right-not-propagated", "privilege-missing")) {
            assertShows(cause, "command.role-add");
            assertShows(cause, "command.grant-token");
            assertShows(cause, "command.show-user");
            assertShows(cause, "command.grant-user");
        }
        assertShows("right-not-propagated", "command.propagate-token");
        assertShows("right-not-propagated", "command.propagate-user");
        assertShows("right-replaced", "command.no-access");
        assertShows("right-replaced", "command.no-access-token");
        assertShows("user-without-rights", "command.grant-user");
        assertShows("user-lacks-right", "command.grant-token");
    }

    @Test
    void printsNoSecretOfAnyToken() {
        for (String key : TEXTS.keySet()) {
            String text = TEXTS.getString(key);
            assertThat(key, !text.contains("token.cfg") || text.contains("grep -q"), is(true));
        }
    }

    @Test
    void namesEveryCauseInTheTable() {
        Set<String> missing = causes();
        missing.removeIf(
                cause -> page.lines().anyMatch(line -> line.startsWith("|") && line.contains("(#" + cause + ")")));
        assertThat(missing, is(empty()));
    }

    /** A key that nothing uses is a sentence that nobody reads. */
    @Test
    void usesEveryText() throws IOException {
        Path sources = Path.of("").toAbsolutePath();
        while (!Files.exists(sources.resolve("src/main/java"))) {
            sources = sources.getParent();
        }
        StringBuilder code = new StringBuilder();
        try (Stream<Path> files = Files.list(sources.resolve("src/main/java")
                .resolve(DiagnosisTexts.class.getPackageName().replace('.', '/')))) {
            for (Path file : files.toList()) {
                code.append(Files.readString(file));
            }
        }
        Set<String> unused = new TreeSet<>(TEXTS.keySet());
        unused.removeIf(key -> key.startsWith("secret.")
                || key.startsWith("use.")
                || code.indexOf("\""
                                + key.replaceFirst("^(headline|finding|cause|check)\\.", "")
                                        .replaceFirst("\\.(remedy|commands)$", "")
                                + "\"")
                        >= 0);
        assertThat(unused, is(empty()));
    }

    @Test
    void hasNoExclamationMarkButInTokenIds() {
        for (String key : TEXTS.keySet()) {
            assertThat(
                    key,
                    TEXTS.getString(key)
                            .replace("realm!name", "")
                            .replace("pve!jenkins", "")
                            .contains("!"),
                    is(false));
        }
    }
}
