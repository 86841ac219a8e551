package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import java.util.stream.Stream;

/** The operations that a build selects with {@code action} of {@code proxmoxVm}. */
public final class GuestActions {

    private GuestActions() {}

    /** All of them, each under its {@linkplain GuestOperation#name() name}. */
    public static GuestOperation[] values() {
        Stream<GuestOperation> power = Stream.of(PowerAction.values()).map(PowerOperation::new);
        return Stream.concat(power, Stream.of(new HibernateOperation())).toArray(GuestOperation[]::new);
    }
}
