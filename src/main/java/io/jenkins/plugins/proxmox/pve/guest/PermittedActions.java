package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which operations an identity has all privileges for on one guest, and what it lacks for the others. Says nothing about
 * whether the guest is in a state for them.
 *
 * @param privileges the privileges on the path of the guest
 * @param missing what is missing, by the {@linkplain GuestOperation#name() name} of every operation that exists for the
 *     type of guest; empty when the operation is permitted
 * @param clonePaths where a clone may be put: {@code /vms} for any VMID, {@code /pool/{pool}} for a pool, {@code
 *     /vms/{vmid}} for a VMID that is free; empty when none of it is permitted
 */
public record PermittedActions(
        Set<String> privileges, Map<String, List<RequiredPrivilege>> missing, List<String> clonePaths) {

    private static final String VMS = "/vms";

    /** Asks the server. */
    public static PermittedActions of(ProxmoxClient client, GuestLocation guest) throws ProxmoxException {
        String path = VMS + "/" + guest.vmid();
        GuestConfig config = client.config(guest);
        Set<String> here = client.permissions(path).on(path);
        Permissions everywhere = client.permissions();
        Map<String, List<RequiredPrivilege>> missing = new LinkedHashMap<>();
        for (GuestOperation action : GuestActions.kinds()) {
            if (action.isKnownTo(guest.type())) {
                missing.put(action.name(), missing(action.needs(guest.vmid(), config), path, here, everywhere));
            }
        }
        List<String> clonePaths = new ArrayList<>();
        for (String place : places(client, everywhere)) {
            List<RequiredPrivilege> needs = GuestActions.cloneTo(place).needs(guest.vmid(), config);
            List<RequiredPrivilege> lacked = missing(needs, path, here, everywhere);
            missing.merge("clone", lacked, (before, now) -> now.size() < before.size() ? now : before);
            if (lacked.isEmpty()) {
                clonePaths.add(place);
            }
        }
        return new PermittedActions(here, missing, clonePaths);
    }

    /** The paths on which an administrator can give rights on a guest that does not exist yet, and has given any. */
    private static List<String> places(ProxmoxClient client, Permissions everywhere) throws ProxmoxException {
        Set<String> existing = Set.copyOf(client.guests().stream()
                .map(guest -> VMS + "/" + guest.location().vmid())
                .toList());
        List<String> places = new ArrayList<>(List.of(VMS));
        everywhere.paths().stream()
                .filter(path -> path.matches("/pool/.+|/vms/\\d+") && !existing.contains(path))
                .filter(path -> everywhere.on(path).contains("VM.Allocate"))
                .forEach(places::add);
        return places;
    }

    private static List<RequiredPrivilege> missing(
            List<RequiredPrivilege> needs, String path, Set<String> here, Permissions everywhere) {
        return needs.stream()
                .filter(need -> !(need.aclPath().equals(path) ? need.isMetBy(here) : need.isMetBy(everywhere)))
                .toList();
    }

    /** The names of the operations that are permitted. */
    public List<String> names() {
        return missing.entrySet().stream()
                .filter(each -> each.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }
}
