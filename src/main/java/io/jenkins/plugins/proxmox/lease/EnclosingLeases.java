package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The leases whose work contains other work, which can borrow guests too. They end only after it. In the context of the
 * body of a step.
 *
 * @param ids of the leases
 */
public record EnclosingLeases(@NonNull List<String> ids) implements Serializable {

    public static final EnclosingLeases NONE = new EnclosingLeases(List.of());

    public EnclosingLeases {
        ids = List.copyOf(ids);
    }

    /** These, and one more inside them. */
    @NonNull
    public EnclosingLeases with(String id) {
        List<String> all = new ArrayList<>(ids);
        all.add(id);
        return new EnclosingLeases(all);
    }
}
