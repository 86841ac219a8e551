package io.jenkins.plugins.proxmox.pve.access;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.SafeText;

/** What a password begins and ends with. Unlike the password itself, this may be shown. */
public enum PasswordWhitespace {
    /** Visible characters. */
    VISIBLE,
    /** A line break at its end, typical of a password that was read from a file. */
    LINE_BREAK,
    /** A blank, or a zero-width character, at one of its ends. */
    BLANK;

    @NonNull
    public static PasswordWhitespace of(String password) {
        if (password.endsWith("\n") || password.endsWith("\r")) {
            return LINE_BREAK;
        }
        return password.equals(SafeText.trimmed(password)) ? VISIBLE : BLANK;
    }
}
