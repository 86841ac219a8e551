package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.Util;
import hudson.model.Item;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.pve.client.GuestLocation;
import jenkins.model.Jenkins;

/** Validation of the fields by which forms name a guest. Asks no server. */
final class GuestFields {

    private GuestFields() {}

    private static void checkPermission(@CheckForNull Item item) {
        if (item == null) {
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        } else {
            item.checkPermission(Item.EXTENDED_READ);
        }
    }

    /**
     * @param required whether a guest must be named, by VMID or name
     */
    static FormValidation checkVmid(
            @CheckForNull Item item, @CheckForNull String vmid, @CheckForNull String name, boolean required) {
        checkPermission(item);
        boolean named = Util.fixEmptyAndTrim(name) != null;
        String text = Util.fixEmptyAndTrim(vmid);
        if (text == null) {
            return named || !required ? FormValidation.ok() : FormValidation.error(Messages.GuestFields_noGuest());
        }
        if (named) {
            return FormValidation.error(Messages.GuestFields_both());
        }
        try {
            GuestLocation.requireVmid(Long.parseLong(text));
            return FormValidation.ok();
        } catch (NumberFormatException e) {
            return FormValidation.error(
                    Messages.GuestParameters_noNumber(text, GuestLocation.SMALLEST_VMID, GuestLocation.LARGEST_VMID));
        } catch (IllegalArgumentException e) {
            return FormValidation.error(e.getMessage());
        }
    }

    static FormValidation checkNode(@CheckForNull Item item, @CheckForNull String node) {
        checkPermission(item);
        String text = Util.fixEmpty(node);
        try {
            return text == null ? FormValidation.ok() : okIfNodeName(text);
        } catch (IllegalArgumentException e) {
            return FormValidation.error(e.getMessage());
        }
    }

    private static FormValidation okIfNodeName(String node) {
        GuestLocation.requireNodeName(node);
        return FormValidation.ok();
    }
}
