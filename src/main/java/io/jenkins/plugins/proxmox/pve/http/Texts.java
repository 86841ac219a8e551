package io.jenkins.plugins.proxmox.pve.http;

import io.jenkins.plugins.proxmox.pve.text.MessageBundle;

/** The user-visible texts of this package, from {@code Texts.properties}. */
final class Texts {

    private static final MessageBundle WORDING = MessageBundle.of(Texts.class);

    private Texts() {}

    /** The text of that key with {@code values} in it. */
    static String of(String key, Object... values) {
        return WORDING.text(key, values);
    }
}
