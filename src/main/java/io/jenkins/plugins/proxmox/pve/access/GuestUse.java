package io.jenkins.plugins.proxmox.pve.access;

import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * With how many guests an identity can do something that jobs do, by its rights alone.
 *
 * @param permitted the number of guests with which it can do it
 * @param of the number of guests with which it can be done at all
 * @param missing what it lacks for the others, on {@code /vms/{vmid}} for any of them
 */
public record GuestUse(GuestRight right, int permitted, int of, List<RequiredPrivilege> missing) {

    /** Those that steps have. A guest is migrated only by proxmoxApi, and every step needs to see it. */
    private static final List<GuestRight> OF_STEPS = List.of(
            GuestRight.POWER,
            GuestRight.HIBERNATE,
            GuestRight.SNAPSHOT,
            GuestRight.ROLL_BACK,
            GuestRight.CLONE,
            GuestRight.DELETE,
            GuestRight.AGENT,
            GuestRight.EXECUTE);

    /**
     * One entry for each thing that can be done with any of the guests.
     *
     * @param roles those of the server, which show the privileges that its version has
     */
    public static List<GuestUse> of(Permissions permissions, List<GuestLocation> guests, List<Role> roles) {
        Set<String> existing =
                roles.stream().flatMap(role -> role.privileges().stream()).collect(Collectors.toSet());
        List<GuestUse> uses = new ArrayList<>();
        for (GuestRight right : OF_STEPS) {
            List<GuestLocation> suitable = guests.stream()
                    .filter(guest -> right.isKnownTo(guest.type()))
                    .toList();
            int permitted = 0;
            Set<RequiredPrivilege> all = new LinkedHashSet<>();
            for (GuestLocation guest : suitable) {
                List<RequiredPrivilege> missing = right.missing(permissions, guest.vmid());
                permitted += missing.isEmpty() ? 1 : 0;
                missing.forEach(need -> all.add(ofAnyGuest(need.among(existing))));
            }
            if (!suitable.isEmpty()) {
                uses.add(new GuestUse(right, permitted, suitable.size(), List.copyOf(all)));
            }
        }
        return uses;
    }

    private static RequiredPrivilege ofAnyGuest(RequiredPrivilege need) {
        return new RequiredPrivilege(need.aclPath().replaceFirst("^/vms/\\d+$", "/vms/{vmid}"), need.anyOf());
    }
}
