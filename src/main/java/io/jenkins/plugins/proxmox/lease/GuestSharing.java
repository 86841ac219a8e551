package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Which of several leases of one guest comes first, and which one puts the guest back. */
final class GuestSharing {

    private GuestSharing() {}

    /**
     * The leases that have to end, or to get further, before that one may begin.
     *
     * @param all in the order in which they began
     */
    @NonNull
    static List<LeaseEntry> blockers(LeaseEntry asking, Collection<LeaseEntry> all) {
        List<LeaseEntry> blockers = new ArrayList<>();
        boolean isBefore = true;
        for (LeaseEntry other : all) {
            if (other.id().equals(asking.id())) {
                isBefore = false;
            } else if (isShared(other, asking) && blocks(other, isBefore, asking)) {
                blockers.add(other);
            }
        }
        return blockers;
    }

    private static boolean blocks(LeaseEntry other, boolean isBefore, LeaseEntry asking) {
        return switch (other.lease().phase()) {
            case STARTING -> !other.isParked();
            case IN_USE -> asking.terms().isExclusive();
            // a request that was sent may still take the guest down
            case RETURNING -> !other.isParked() || other.lease().request() != null;
            case WAITING ->
                isBefore && asking.terms().isExclusive() && other.terms().isExclusive();
            case KEPT, RETURNED -> false;
        };
    }

    /** A clone has one user, which removes it, whoever else names its VMID. */
    private static boolean isShared(LeaseEntry one, LeaseEntry other) {
        return !one.isClone() && !other.isClone() && one.lease().isOfSameGuest(other.lease());
    }

    /**
     * The leases that one which begins now stands for as well: of those that could not put the guest back.
     *
     * @param all without any that {@linkplain #blockers block}
     */
    @NonNull
    static List<LeaseEntry> takenOver(LeaseEntry beginning, Collection<LeaseEntry> all) {
        return all.stream()
                .filter(other -> isOther(other, beginning) && other.isReturning())
                .toList();
    }

    /** How those who use the guest have found it; null if nobody does, or they do not know yet. */
    @CheckForNull
    static String foundByUsers(LeaseEntry beginning, Collection<LeaseEntry> all) {
        return all.stream()
                .filter(other -> isOther(other, beginning) && other.isUsing())
                .map(other -> other.lease().found())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** The lease that puts the guest back instead of one that ends; null if there is none. */
    @CheckForNull
    static LeaseEntry heir(LeaseEntry leaving, Collection<LeaseEntry> all) {
        return all.stream()
                .filter(other -> isOther(other, leaving) && other.isUsing())
                .findFirst()
                .orElse(null);
    }

    private static boolean isOther(LeaseEntry other, LeaseEntry lease) {
        return !other.id().equals(lease.id()) && isShared(other, lease);
    }
}
