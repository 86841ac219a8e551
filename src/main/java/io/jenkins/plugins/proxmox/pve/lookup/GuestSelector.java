package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;

/**
 * Selects a guest by VMID or by name, optionally only on one node.
 *
 * @param vmid null when selected by name
 * @param name null when selected by VMID
 * @param node null for any node
 */
public record GuestSelector(
        @Nullable Integer vmid,
        @Nullable String name,
        @Nullable String node) implements Serializable {

    /**
     * @throws IllegalArgumentException when not exactly one of VMID and name is given, or one of the values is invalid
     */
    public GuestSelector {
        if (vmid == null && name == null) {
            throw new IllegalArgumentException(Texts.of("selector.none"));
        }
        if (vmid != null && name != null) {
            throw new IllegalArgumentException(Texts.of("selector.both", vmid, SafeText.singleLine(name)));
        }
        if (vmid != null) {
            GuestLocation.requireVmid(vmid);
        }
        if (node != null) {
            GuestLocation.requireNodeName(node);
        }
    }

    /**
     * The VMID of the selected guest; null while it is unknown.
     *
     * @param seen the guest as it was found; null before that
     */
    @Nullable
    public Integer vmidOf(@Nullable ObservedGuest seen) {
        return seen == null ? vmid : (Integer) seen.location().vmid();
    }

    boolean matches(ListedGuest guest) {
        return vmid != null ? vmid == guest.location().vmid() : guest.name().equals(name);
    }

    boolean isOnNode(ListedGuest guest) {
        return node == null || node.equals(guest.location().node());
    }

    /** {@code guest 100} or {@code guest "web-1"}, with the node where one is given. */
    @Override
    public String toString() {
        String guest = vmid != null ? vmid.toString() : "\"" + SafeText.singleLine(name) + "\"";
        return node == null ? Texts.of("selector", guest) : Texts.of("selector.on-node", guest, node);
    }
}
