package io.jenkins.plugins.proxmox.pve.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The public half of an API token, {@code user@realm!name}.
 *
 * <p>The shape is the one that {@code PVE::AccessControl} accepts: a user of any characters but blanks, {@code :}
 * and {@code /}; a realm and a token name of a letter followed by letters, digits, {@code .}, {@code -}, {@code _}.
 */
public record TokenId(String user, String realm, String name) {

    private static final Pattern WHOLE = Pattern.compile("([^\\s:/]+)@(" + Realm.PATTERN + ")!(" + Realm.PATTERN + ")");

    /**
     * @throws IllegalArgumentException with a message for the person who typed it: what is missing, and what to type
     */
    public static TokenId parse(String text) {
        Matcher matcher = WHOLE.matcher(text);
        if (matcher.matches()) {
            return new TokenId(matcher.group(1), matcher.group(2), matcher.group(3));
        }
        throw new IllegalArgumentException(complaint(text));
    }

    /** Whether {@code text} has the shape of a token ID. */
    public static boolean isTokenId(String text) {
        return WHOLE.matcher(text).matches();
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
        String expected = " Type the token ID as the web interface shows it, such as jenkins@pve!ci.";
        if (text.isBlank()) {
            return "The token ID is missing." + expected;
        }
        if (text.contains("PVEAPIToken")) {
            return "This is the whole Authorization header. Type only the part between \"PVEAPIToken=\" and the next "
                    + "\"=\" as token ID, and the part after it as secret.";
        }
        if (!text.equals(text.strip())) {
            return "The token ID has blanks before or after it." + expected;
        }
        if (text.chars().anyMatch(Character::isWhitespace)) {
            return "The token ID contains a blank or a line break." + expected;
        }
        if (text.contains("!") && text.indexOf('=', text.lastIndexOf('!')) >= 0) {
            return "This is token ID and secret in one text. Type the part before the \"=\" as token ID and the part "
                    + "after it as secret.";
        }
        if (!text.contains("!")) {
            return text.contains("@")
                    ? "This is a user without the name of a token: \"!\" and the token's name are missing." + expected
                    : "The token ID has the form user@realm!name." + expected;
        }
        if (!text.substring(0, text.lastIndexOf('!')).contains("@")) {
            return "The realm is missing: users are named user@realm, for example jenkins@pve or root@pam." + expected;
        }
        return "This is not a token ID of the form user@realm!name; realm and name are at least two characters, "
                + "letters, digits, dots, dashes and underscores." + expected;
    }
}
