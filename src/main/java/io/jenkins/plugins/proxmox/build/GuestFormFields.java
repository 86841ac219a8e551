package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Util;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import jenkins.model.Jenkins;

/** Menus and validation of the form fields that name a guest and an action. Asks no server. */
public final class GuestFormFields {

    private GuestFormFields() {}

    /** Whether the current user can see the form but not change it. Such users get no validation messages. */
    private static boolean isOnlyShown(@CheckForNull Item item) {
        return item == null
                ? !Jenkins.get().hasPermission(Jenkins.ADMINISTER)
                : !item.hasPermission(Item.EXTENDED_READ);
    }

    @NonNull
    public static ListBoxModel actions() {
        ListBoxModel menu = new ListBoxModel();
        for (GuestOperation action : GuestActions.values()) {
            menu.add(action.name());
        }
        return menu;
    }

    @NonNull
    public static ListBoxModel onExits() {
        ListBoxModel menu = new ListBoxModel();
        for (OnExit choice : OnExit.values()) {
            menu.add(choice.optionName());
        }
        return menu;
    }

    /**
     * Returns the menu with the saved value in it, even if that is a variable or the name of something that is gone.
     * Otherwise the form would silently save another value.
     */
    @NonNull
    public static ListBoxModel keeping(@CheckForNull String saved, ListBoxModel menu) {
        String value = Util.fixEmpty(saved);
        if (value != null && menu.stream().noneMatch(option -> option.value.equals(value))) {
            menu.add(value);
        }
        return menu;
    }

    /**
     * @param required whether a guest must be named, by VMID or name
     */
    @NonNull
    public static FormValidation checkVmid(
            @CheckForNull Item item, @CheckForNull String vmid, @CheckForNull String name, boolean required) {
        if (isOnlyShown(item)) {
            return FormValidation.ok();
        }
        boolean named = Util.fixEmptyAndTrim(name) != null;
        String text = Util.fixEmptyAndTrim(vmid);
        if (text == null) {
            return named || !required ? FormValidation.ok() : FormValidation.error(Messages.GuestFormFields_noGuest());
        }
        if (named) {
            return FormValidation.error(Messages.GuestFormFields_both());
        }
        return okUnlessRefused(() -> GuestParameters.vmid(text));
    }

    private static FormValidation okUnlessRefused(Runnable reading) {
        try {
            reading.run();
            return FormValidation.ok();
        } catch (IllegalArgumentException e) {
            return FormValidation.error(e.getMessage());
        }
    }

    /**
     * The same for a form in which builds replace variables. A value with a variable cannot be checked before the
     * build.
     */
    @NonNull
    public static FormValidation checkVmidOrVariable(
            @CheckForNull Item item, @CheckForNull String vmid, @CheckForNull String name) {
        String text = hasVariable(vmid) ? String.valueOf(GuestLocation.SMALLEST_VMID) : vmid;
        return checkVmid(item, text, name, true);
    }

    @NonNull
    public static FormValidation checkNodeOrVariable(@CheckForNull Item item, @CheckForNull String node) {
        return checkNode(item, hasVariable(node) ? null : node);
    }

    @NonNull
    public static FormValidation checkTimeoutOrVariable(@CheckForNull Item item, @CheckForNull String timeout) {
        return isOnlyShown(item) || hasVariable(timeout)
                ? FormValidation.ok()
                : okUnlessRefused(() -> GuestParameters.timeout(timeout));
    }

    private static boolean hasVariable(@CheckForNull String text) {
        return Util.fixNull(text).contains("$");
    }

    @NonNull
    public static FormValidation checkNode(@CheckForNull Item item, @CheckForNull String node) {
        String text = GuestParameters.node(node);
        return text == null || isOnlyShown(item)
                ? FormValidation.ok()
                : okUnlessRefused(() -> GuestLocation.requireNodeName(text));
    }
}
