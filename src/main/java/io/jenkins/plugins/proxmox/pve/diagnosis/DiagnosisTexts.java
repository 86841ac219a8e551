package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.SecretShape;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.List;
import java.util.Locale;

/** The sentences and commands of {@code DiagnosisTexts.properties}, with the facts of a case filled in. */
final class DiagnosisTexts {

    private static final MessageBundle WORDING = new MessageBundle(DiagnosisTexts.class);

    private DiagnosisTexts() {}

    /** An enumeration such as {@code a, b and c}. */
    static String allOf(List<String> values) {
        return enumeration("enumeration.and", values);
    }

    /** An enumeration such as {@code a, b or c}. */
    static String anyOf(List<String> values) {
        return enumeration("enumeration.or", values);
    }

    private static String enumeration(String key, List<String> values) {
        if (values.size() < 2) {
            return String.join("", values);
        }
        int last = values.size() - 1;
        String others = String.join(", ", values.subList(0, last));
        return sentence(key, MessageArguments.of("", "").detail(others, values.get(last)));
    }

    /** The text of {@code key}, which has no placeholders. */
    static String plain(String key) {
        return sentence(key, MessageArguments.of("", ""));
    }

    /** How many of how many. */
    static String numberOf(int number, int all) {
        return sentence("render.number-of", MessageArguments.of("", "").detail(number, all));
    }

    /** What a right is for, in a few words. */
    static String use(GuestRight right) {
        return plain("use." + right.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    /** A privilege, or several of which one is enough, on its path. */
    static String onPath(RequiredPrivilege need) {
        return sentence("on-path", MessageArguments.of("", "").asking(anyOf(need.anyOf()), need.aclPath()));
    }

    /** What is wrong with a secret of that shape, as the end of a sentence. */
    static String shape(SecretShape shape) {
        return plain("secret." + shape.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    static String sentence(String key, MessageArguments facts) {
        return SafeText.line(WORDING.text(key, facts.inSentences()));
    }

    /** The commands of {@code key}, or none if there is no such key. */
    static List<String> commands(String key, MessageArguments facts) {
        return WORDING.has(key) ? WORDING.text(key, facts.inCommands()).lines().toList() : List.of();
    }
}
