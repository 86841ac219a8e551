package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The operations that there are for guests. */
public final class GuestActions {

    private static final Pattern PLACE = Pattern.compile("/vms(?:/(\\d+))?|/pool/(.+)");

    private GuestActions() {}

    /**
     * The same operation, which stops a guest that ignores it.
     *
     * @throws IllegalArgumentException when it is no shutdown
     */
    public static GuestOperation forcingStop(GuestOperation action) {
        if (action instanceof PowerOperation power) {
            return new PowerOperation(power.action(), true);
        }
        throw new IllegalArgumentException(Texts.of("force-stop.other-action", action));
    }

    /** Those that a build selects with {@code action} of {@code proxmoxVm}, each under its {@linkplain GuestOperation#name() name}. */
    public static GuestOperation[] values() {
        Stream<GuestOperation> power = Stream.of(PowerAction.values()).map(PowerOperation::new);
        return Stream.concat(power, Stream.of(new HibernateOperation())).toArray(GuestOperation[]::new);
    }

    /** One operation of every kind that a build can ask of a guest, to see what it needs. */
    public static List<GuestOperation> kinds() {
        List<GuestOperation> kinds = new ArrayList<>(List.of(values()));
        String any = "any";
        kinds.add(new SnapshotCreation(any, "", false, false));
        kinds.add(new SnapshotRollback(any, false, false));
        kinds.add(new SnapshotDeletion(any, false));
        kinds.add(cloneTo("/vms"));
        kinds.add(new DeletionOperation(RemovalTerms.named(null, false, false), false));
        return kinds;
    }

    /**
     * A clone with no more than what every clone has, to see what it needs.
     *
     * @param aclPath where the rights on the clone are given: {@code /vms}, {@code /vms/{vmid}} or {@code /pool/{pool}}
     */
    static GuestOperation cloneTo(String aclPath) {
        Matcher place = PLACE.matcher(aclPath);
        if (!place.matches()) {
            throw new IllegalArgumentException(aclPath);
        }
        CloneSettings settings = CloneSettings.at(
                place.group(1) == null ? null : Integer.valueOf(place.group(1)),
                place.group(2),
                new CloneMark("any", "any", 1, "", "any", false, null, null));
        return new CloneOperation(settings, false, Availability.RUNNING);
    }
}
