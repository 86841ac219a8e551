package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.GuestInspection;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.Readiness;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Sets values of a guest's configuration. The server has done it by the time of its answer.
 *
 * @param values as Proxmox VE writes them
 * @param tags to add to those that the guest has
 */
public record ConfigurationOperation(Map<String, String> values, SortedSet<String> tags) implements GuestOperation {

    public ConfigurationOperation {
        values = new LinkedHashMap<>(values);
        tags = new TreeSet<>(tags);
    }

    @Override
    public String name() {
        return "configure";
    }

    @Override
    public List<RequiredPrivilege> needs(int vmid, GuestConfig config) {
        List<RequiredPrivilege> needs = new ArrayList<>(List.of(GuestRight.SEE.on(vmid)));
        Set<String> keys = new LinkedHashSet<>(values.keySet());
        if (!tags.isEmpty()) {
            keys.add("tags");
        }
        needs.addAll(ConfigurationPrivileges.of(keys, "/vms/" + vmid));
        return needs;
    }

    @Override
    public boolean isKnownTo(GuestType type) {
        return true;
    }

    @Override
    public Readiness readiness(GuestInspection guest) throws ProxmoxException {
        if (isSetIn(guest.config())) {
            return new Readiness.Done(Texts.of("done.configured"));
        }
        String lock = guest.status().lock();
        return lock == null ? new Readiness.Ready() : new Readiness.Locked(lock, false);
    }

    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        Map<String, String> sent = new LinkedHashMap<>(values);
        if (!tags.isEmpty()) {
            SortedSet<String> all = client.config(state.guest().location()).tags();
            all.addAll(tags);
            sent.put("tags", String.join(";", all));
        }
        client.provisioning().configure(state.guest().location(), sent);
        return null;
    }

    @Override
    public boolean isTask(Upid task) {
        return false;
    }

    @Override
    public boolean isReached(OperationState state, GuestInspection now) throws ProxmoxException {
        return isSetIn(now.config());
    }

    private boolean isSetIn(GuestConfig config) {
        SortedSet<String> lowerCase = new GuestConfig(Map.of("tags", String.join(";", tags))).tags();
        return config.tags().containsAll(lowerCase)
                && values.entrySet().stream().allMatch(each -> isSetIn(config, each.getKey(), each.getValue()));
    }

    private static boolean isSetIn(GuestConfig config, String key, String value) {
        String present = config.value(key).strip();
        // Proxmox VE leaves out what is off
        return present.equals(value) || value.equals("0") && present.isEmpty();
    }

    @Override
    public String goal(GuestType type) {
        return Texts.of("goal.configured");
    }

    @Override
    public String toString() {
        return name();
    }
}
