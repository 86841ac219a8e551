package io.jenkins.plugins.proxmox.pve.access;

import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The public half of an API token, {@code user@realm!name}.
 *
 * <p>The form is the one that {@code PVE::AccessControl} accepts: a user of any characters except blanks, {@code :} and
 * {@code /}; a realm and a token name that start with a letter, followed by letters, digits, {@code .}, {@code -},
 * {@code _}.
 */
public record TokenId(String user, String realm, String name) {

    private static final Pattern WHOLE =
            Pattern.compile("(" + Realm.USER_PATTERN + ")@(" + Realm.PATTERN + ")!(" + Realm.PATTERN + ")");

    /**
     * Parses {@code text}, ignoring blanks and line breaks at its ends.
     *
     * @throws IllegalArgumentException with a message for the person who typed it: what is missing, and what to type
     */
    public static TokenId parse(String text) {
        String id = SafeText.trimmed(text);
        Matcher matcher = WHOLE.matcher(id);
        if (matcher.matches()) {
            return new TokenId(matcher.group(1), matcher.group(2), matcher.group(3));
        }
        throw new IllegalArgumentException(complaint(id));
    }

    /** Whether {@code text} has the form of a token ID, ignoring blanks and line breaks at its ends. */
    public static boolean isTokenId(String text) {
        return WHOLE.matcher(SafeText.trimmed(text)).matches();
    }

    /** {@code user@realm}. */
    public String userId() {
        return user + "@" + realm;
    }

    @Override
    public String toString() {
        return userId() + "!" + name;
    }

    private static String complaint(String text) {
        if (text.isEmpty()) {
            return expected(Texts.of("token-id.missing"));
        }
        if (text.contains("PVEAPIToken")) {
            return Texts.of("token-id.header");
        }
        if (text.chars().anyMatch(Character::isWhitespace)) {
            return expected(Texts.of("token-id.blank"));
        }
        if (text.contains("!") && text.indexOf('=', text.lastIndexOf('!')) >= 0) {
            return Texts.of("token-id.with-secret");
        }
        if (!text.contains("!")) {
            boolean hasRealm = text.contains("@");
            return expected(Texts.of(hasRealm ? "token-id.no-name" : "token-id.no-user"));
        }
        if (!text.substring(0, text.lastIndexOf('!')).contains("@")) {
            return expected(Texts.of("token-id.no-realm"));
        }
        return expected(Texts.of("token-id.characters"));
    }

    private static String expected(String complaint) {
        return MessageBundle.sentences(complaint, Texts.of("token-id.expected"));
    }
}
