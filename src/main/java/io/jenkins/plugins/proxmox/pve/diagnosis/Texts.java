package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.client.SecretShape;
import io.jenkins.plugins.proxmox.pve.client.Text;
import java.text.MessageFormat;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;

/** The sentences and commands of {@code Texts.properties}, filled with the facts of a case. */
final class Texts {

    private static final ResourceBundle BUNDLE = ResourceBundle.getBundle(Texts.class.getName(), Locale.ROOT);

    private Texts() {}

    /** A text without facts. */
    static String plain(String key) {
        return sentence(key, Facts.of("", ""));
    }

    /** What is wrong with a secret of that shape, as the end of a sentence. */
    static String shape(SecretShape shape) {
        return plain("secret." + shape.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    /** A sentence. */
    static String sentence(String key, Facts facts) {
        return Text.line(fill(key, facts.inSentences()));
    }

    /** The commands under {@code key}, none when there is no such key. */
    static List<String> commands(String key, Facts facts) {
        return BUNDLE.containsKey(key) ? fill(key, facts.inCommands()).lines().toList() : List.of();
    }

    private static String fill(String key, Object[] values) {
        return new MessageFormat(BUNDLE.getString(key), Locale.ROOT).format(values);
    }
}
