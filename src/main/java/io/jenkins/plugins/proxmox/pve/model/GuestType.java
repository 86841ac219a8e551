package io.jenkins.plugins.proxmox.pve.model;

import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;

/** The two kinds of guests. */
public enum GuestType {
    /** A virtual machine. */
    QEMU("qemu", "VM"),
    /** A container. */
    LXC("lxc", "CT");

    private final String apiName;
    private final String label;

    GuestType(String apiName, String label) {
        this.apiName = apiName;
        this.label = label;
    }

    /** The name in paths and answers of the API: {@code qemu} or {@code lxc}. */
    public String apiName() {
        return apiName;
    }

    /** What Proxmox VE calls a guest of this type in messages: {@code VM} or {@code CT}. */
    public String label() {
        return label;
    }

    /**
     * The type with that {@link #apiName()}.
     *
     * @throws IllegalArgumentException when there is no such type
     */
    public static GuestType of(String apiName) {
        for (GuestType type : values()) {
            if (type.apiName.equals(apiName)) {
                return type;
            }
        }
        throw new IllegalArgumentException(Texts.of("guest.type", SafeText.singleLine(apiName)));
    }
}
