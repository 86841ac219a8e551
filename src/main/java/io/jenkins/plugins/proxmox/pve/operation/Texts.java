package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.text.Wording;

/** The user-visible texts of this package, from {@code Texts.properties}. */
final class Texts {

    private static final Wording WORDING = Wording.of(Texts.class);

    private Texts() {}

    /** The text of that key with {@code values} in it. */
    static String of(String key, Object... values) {
        return WORDING.text(key, values);
    }
}
