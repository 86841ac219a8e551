package io.jenkins.plugins.proxmox.pipeline;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.access.Role;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.exec.ExecRequest;
import io.jenkins.plugins.proxmox.pve.guest.PermittedActions;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What {@code proxmoxStatus} returns about the rights on a guest. */
final class GuestPermissions {

    private final GuestLocation guest;
    private final PermittedActions permitted;

    /** The privileges that the version of the server has. */
    private final Set<String> existing;

    private GuestPermissions(GuestLocation guest, PermittedActions permitted, List<Role> roles) {
        this.guest = guest;
        this.permitted = permitted;
        this.existing =
                roles.stream().flatMap(role -> role.privileges().stream()).collect(Collectors.toSet());
    }

    /** Adds the actions for which the identity has all privileges, and what is missing for the others. */
    static void put(ProxmoxClient client, GuestLocation guest, Map<String, Object> status, Consumer<String> log)
            throws ProxmoxException {
        GuestPermissions of = new GuestPermissions(guest, PermittedActions.of(client, guest), client.roles());
        of.put(status);
        of.tell(client.identity(), log);
    }

    private void put(Map<String, Object> status) {
        status.put("privileges", new ArrayList<>(permitted.privileges()));
        status.put("actions", new ArrayList<>(permitted.names()));
        status.put("clonePaths", new ArrayList<>(permitted.clonePaths()));
        status.put("waitFor", waits());
        status.put("exec", guest.type() == GuestType.QEMU && missingForExec().isEmpty());
        Map<String, Object> missing = new LinkedHashMap<>();
        allMissing().forEach((action, needs) -> missing.put(action, new ArrayList<>(inWords(needs))));
        status.put("missing", missing);
    }

    /** What is missing, by the name of each action that is not permitted. */
    private Map<String, List<RequiredPrivilege>> allMissing() {
        Map<String, List<RequiredPrivilege>> missing = new LinkedHashMap<>(permitted.missing());
        if (guest.type() == GuestType.QEMU) {
            missing.put(ExecRequest.NAME, missingForExec());
        }
        missing.values().removeIf(List::isEmpty);
        return missing;
    }

    private List<RequiredPrivilege> missingForExec() {
        return ExecRequest.needs(guest.vmid()).stream()
                .filter(need -> !need.isMetBy(permitted.privileges()))
                .toList();
    }

    /** What the identity can wait for once the guest runs. */
    private List<String> waits() {
        if (guest.type() == GuestType.LXC) {
            return new ArrayList<>(List.of("running", "ip", "port"));
        }
        boolean mayAsk = GuestRight.AGENT.on(guest.vmid()).isMetBy(permitted.privileges());
        return new ArrayList<>(mayAsk ? List.of("running", "agent", "ip", "port") : List.of("running"));
    }

    private List<String> inWords(List<RequiredPrivilege> missing) {
        return missing.stream()
                .map(need -> Messages.ProxmoxStatusStep_missing(need.toGrant(List.of(), existing), need.aclPath()))
                .toList();
    }

    private void tell(String identity, Consumer<String> log) {
        Map<String, List<RequiredPrivilege>> missing = allMissing();
        if (permitted.names().isEmpty()) {
            List<RequiredPrivilege> least = missing.values().stream()
                    .min(Comparator.comparingInt(List::size))
                    .orElse(List.of());
            log.accept(Messages.ProxmoxStatusStep_mayLook(identity, guest.guest(), String.join(", ", inWords(least))));
        } else {
            log.accept(Messages.ProxmoxStatusStep_mayDo(identity, guest.guest(), String.join(", ", permitted.names())));
        }
        Map<String, List<String>> actionsByMissing = new LinkedHashMap<>();
        missing.forEach((action, needs) -> actionsByMissing
                .computeIfAbsent(String.join(", ", inWords(needs)), each -> new ArrayList<>())
                .add(action));
        actionsByMissing.forEach(
                (needs, actions) -> log.accept(Messages.ProxmoxStatusStep_mayNot(String.join(", ", actions), needs)));
    }
}
