package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Util;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.pve.exec.GuestCommand;
import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotAction;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotName;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import java.util.List;
import java.util.Objects;
import jenkins.model.Jenkins;

/** Menus and validation of the form fields that name a guest and an action. Asks no server. */
public final class GuestFormFields {

    /** To which values of one field are given, to check them. */
    private static final GuestCommand ANY_COMMAND = GuestCommand.of(List.of("true"));

    private GuestFormFields() {}

    /** Whether the current user can see the form but not change it. Such users get no validation messages. */
    private static boolean isOnlyShown(@CheckForNull Item item) {
        return item == null
                ? !Jenkins.get().hasPermission(Jenkins.ADMINISTER)
                : !item.hasPermission(Item.EXTENDED_READ);
    }

    @NonNull
    public static ListBoxModel actions() {
        return choices((Object[]) GuestActions.values());
    }

    /** A menu of those choices. */
    @NonNull
    public static ListBoxModel choices(Object... values) {
        ListBoxModel menu = new ListBoxModel();
        for (Object value : values) {
            menu.add(value.toString());
        }
        return menu;
    }

    /** A menu of those choices in which none is selected at first. */
    @NonNull
    public static ListBoxModel optionalChoices(Object... values) {
        ListBoxModel menu = new ListBoxModel();
        menu.add(Messages.GuestFormFields_notGiven(), "");
        menu.addAll(choices(values));
        return menu;
    }

    @NonNull
    public static ListBoxModel onExits() {
        return choices((Object[]) OnExit.values());
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

    /**
     * Checks the value of a field.
     *
     * @param reading throws an {@link IllegalArgumentException} for a wrong value
     */
    @NonNull
    public static FormValidation check(@CheckForNull Item item, Runnable reading) {
        return isOnlyShown(item) ? FormValidation.ok() : okUnlessRefused(reading);
    }

    /** Checks the value of a field that describes a clone. */
    @NonNull
    public static FormValidation checkClone(@CheckForNull Item item, String field, @CheckForNull String value) {
        return check(item, () -> CloneParameters.check(field, value));
    }

    /** The same for a form in which builds replace variables. */
    @NonNull
    public static FormValidation checkCloneOrVariable(
            @CheckForNull Item item, String field, @CheckForNull String value) {
        return hasVariable(value) ? FormValidation.ok() : checkClone(item, field, value);
    }

    /** Checks a script or a program that is to run in a guest. */
    @NonNull
    public static FormValidation checkCommand(@CheckForNull Item item, @CheckForNull String command) {
        return check(item, () -> CommandParameters.command(command, null));
    }

    /** Checks lines of the form {@code NAME=value}. */
    @NonNull
    public static FormValidation checkEnvironment(@CheckForNull Item item, @CheckForNull String lines) {
        return check(item, () -> Objects.requireNonNull(ANY_COMMAND.with(CommandParameters.environment(lines))));
    }

    /** Checks what a command is to read. */
    @NonNull
    public static FormValidation checkInput(@CheckForNull Item item, @CheckForNull String input) {
        return check(item, () -> Objects.requireNonNull(ANY_COMMAND.reading(Util.fixNull(input))));
    }

    /** Checks the name of a snapshot, which a list does not have. A value with a variable is checked by the build. */
    @NonNull
    public static FormValidation checkSnapshot(
            @CheckForNull Item item, @CheckForNull String snapshot, @CheckForNull String action) {
        boolean lists = SnapshotAction.LIST.toString().equals(Util.fixEmptyAndTrim(action));
        return isOnlyShown(item) || hasVariable(snapshot) || lists && Util.fixEmptyAndTrim(snapshot) == null
                ? FormValidation.ok()
                : okUnlessRefused(() -> SnapshotName.require(snapshot));
    }

    /** Checks the name of a snapshot that may be left out. A value with a variable is checked by the build. */
    @NonNull
    public static FormValidation checkOptionalSnapshot(@CheckForNull Item item, @CheckForNull String snapshot) {
        return Util.fixEmptyAndTrim(snapshot) == null ? FormValidation.ok() : checkSnapshot(item, snapshot, null);
    }

    /** Checks the VMID or the name of a guest to clone. */
    @NonNull
    public static FormValidation checkTemplate(@CheckForNull Item item, @CheckForNull String template) {
        return isOnlyShown(item) || Util.fixEmptyAndTrim(template) != null
                ? FormValidation.ok()
                : FormValidation.error(Messages.CloneParameters_noTemplate());
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
            @CheckForNull Item item, @CheckForNull String vmid, @CheckForNull String name, boolean required) {
        String text = hasVariable(vmid) ? String.valueOf(GuestLocation.SMALLEST_VMID) : vmid;
        return checkVmid(item, text, name, required);
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

    /** What to wait for once the guest runs. */
    @NonNull
    public static FormValidation checkWaitFor(@CheckForNull Item item, @CheckForNull String waitFor) {
        return isOnlyShown(item) ? FormValidation.ok() : okUnlessRefused(() -> GuestParameters.waitFor(waitFor));
    }

    /** The same for a form in which builds replace variables. */
    @NonNull
    public static FormValidation checkWaitForOrVariable(@CheckForNull Item item, @CheckForNull String waitFor) {
        return checkWaitFor(item, hasVariable(waitFor) ? null : waitFor);
    }

    /** Whether builds replace a part of the text, so that it cannot be checked before. */
    public static boolean hasVariable(@CheckForNull String text) {
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
