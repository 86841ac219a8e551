package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import java.util.ArrayList;
import java.util.List;

/** The operations that a build selects with {@code action} of {@code proxmoxVm}. */
public final class GuestActions {

    private static final List<GuestOperation> ALL = all();

    private GuestActions() {}

    private static List<GuestOperation> all() {
        List<GuestOperation> all = new ArrayList<>();
        for (PowerAction action : PowerAction.values()) {
            all.add(new PowerOperation(action));
        }
        all.add(new HibernateOperation());
        return List.copyOf(all);
    }

    /** All of them, each under its {@linkplain GuestOperation#name() name}. */
    public static GuestOperation[] values() {
        return ALL.toArray(GuestOperation[]::new);
    }
}
