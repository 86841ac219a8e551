package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.Text;

/** What a password begins and ends with, which may be told where the password itself may not. */
public enum PasswordHint {
    /** Characters that everybody sees. */
    VISIBLE,
    /** A line break at its end, as one that was read from a file has. */
    LINE_BREAK,
    /** A blank, or a character without width, at one of its ends. */
    BLANK;

    /** The ends of {@code password}. */
    @NonNull
    public static PasswordHint of(String password) {
        if (password.endsWith("\n") || password.endsWith("\r")) {
            return LINE_BREAK;
        }
        return password.equals(Text.trimmed(password)) ? VISIBLE : BLANK;
    }
}
