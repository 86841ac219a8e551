package io.jenkins.plugins.proxmox.pve.text;

/** The user-visible texts of the Proxmox wing, except for explanations; the words are in {@code Texts.properties}. */
public final class Texts {

    private static final MessageBundle BUNDLE = new MessageBundle(Texts.class);

    private Texts() {}

    /** The text of that key with {@code values} in it. */
    public static String of(String key, Object... values) {
        return BUNDLE.text(key, values);
    }
}
