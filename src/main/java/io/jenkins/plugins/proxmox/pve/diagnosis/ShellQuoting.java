package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.text.SafeText;

/** Quotes for the POSIX shell of a Proxmox host: whatever a value contains, a pasted command stays one command. */
final class ShellQuoting {

    private ShellQuoting() {}

    /** {@code value} as one word of a command. */
    static String quote(String value) {
        String line = SafeText.line(value);
        return line.matches("[A-Za-z0-9@%_+=:,./-]+") ? line : "'" + line.replace("'", "'\\''") + "'";
    }
}
