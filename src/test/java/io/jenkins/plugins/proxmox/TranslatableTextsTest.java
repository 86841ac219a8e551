package io.jenkins.plugins.proxmox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Attr;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Pages say nothing that a file of translations could not say in another language. */
class TranslatableTextsTest {

    private static final Path RESOURCES = Path.of("src/main/resources");

    /** Attributes that people read or hear. */
    private static final Set<String> SPOKEN =
            Set.of("title", "description", "placeholder", "aria-label", "alt", "value", "tooltip", "header", "add");

    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{[^}]*}");

    /** A key that is plainly no text, so that there has to be one for it. */
    private static final Pattern KEY = Pattern.compile("\\$\\{%(blurb|[a-z]+[A-Z]\\w*)[}(]");

    /** All but the description of the plugin in the lists of plugins, which are in one language. */
    static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            return files.filter(file -> file.toString().endsWith(".jelly"))
                    .map(RESOURCES::relativize)
                    .filter(file -> !file.equals(Path.of("index.jelly")))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> spokenTexts(Path page) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        List<String> texts = new ArrayList<>();
        collect(factory.newDocumentBuilder().parse(RESOURCES.resolve(page).toFile()), texts);
        return texts;
    }

    private static void collect(Node node, List<String> texts) {
        if (node.getNodeType() == Node.TEXT_NODE) {
            texts.add(node.getTextContent());
        }
        boolean isLogic = String.valueOf(node.getNamespaceURI()).equals("jelly:core");
        if (node.getAttributes() != null && !isLogic) {
            for (int i = 0; i < node.getAttributes().getLength(); i++) {
                Attr attribute = (Attr) node.getAttributes().item(i);
                if (SPOKEN.contains(attribute.getName())) {
                    texts.add(attribute.getValue());
                }
            }
        }
        NodeList children = node.getChildNodes();
        for (int i = 0; i < children.getLength(); i++) {
            collect(children.item(i), texts);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void noPageHoldsWordsOfOneLanguage(Path page) throws Exception {
        List<String> words = spokenTexts(page).stream()
                .map(text -> EXPRESSION.matcher(text).replaceAll("").strip())
                .filter(text -> text.chars().anyMatch(Character::isLetter))
                .toList();
        assertThat(words, empty());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void eachKeyHasItsText(Path page) throws Exception {
        Properties texts = new Properties();
        Path file = RESOURCES.resolve(page.toString().replace(".jelly", ".properties"));
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                texts.load(in);
            }
        }
        List<String> missing = new ArrayList<>();
        Matcher keys = KEY.matcher(Files.readString(RESOURCES.resolve(page)));
        while (keys.find()) {
            if (!texts.containsKey(keys.group(1))) {
                missing.add(keys.group(1));
            }
        }
        assertThat(missing, empty());
    }
}
