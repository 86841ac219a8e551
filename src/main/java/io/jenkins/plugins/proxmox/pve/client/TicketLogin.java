package io.jenkins.plugins.proxmox.pve.client;

import io.jenkins.plugins.proxmox.pve.access.Realm;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.regex.Pattern;

/**
 * A login with user name and password, which yields a ticket for two hours. {@link #toString} hides the password.
 *
 * @param userId {@code user@realm}
 */
public record TicketLogin(String userId, String password) implements Authentication {

    private static final Pattern USER_ID = Pattern.compile(Realm.USER_PATTERN + "@" + Realm.PATTERN);

    /**
     * @param userId blanks and line breaks at its ends are ignored; those of a password may be part of it
     * @throws IllegalArgumentException when the user has no realm or the password is empty
     */
    public TicketLogin {
        userId = SafeText.trimmed(userId);
        if (!USER_ID.matcher(userId).matches()) {
            throw new IllegalArgumentException(Texts.of("login.user", SafeText.singleLine(userId)));
        }
        if (password.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("login.password-empty", userId));
        }
    }

    @Override
    public String identity() {
        return userId;
    }

    @Override
    public String toString() {
        return "ticket login of " + userId;
    }
}
