package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestProcess;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs programs in a virtual machine, through its QEMU guest agent. Requires VM.GuestAgent.Unrestricted on
 * {@code /vms/{vmid}}, before version 9 VM.Monitor. Everything that is sent must be ASCII: Proxmox VE refuses or changes
 * other characters, and the agent may hang on them.
 */
public final class ExecApi {

    private final ProxmoxClient client;

    ExecApi(ProxmoxClient client) {
        this.client = client;
    }

    /**
     * Begins a program.
     *
     * @param command the program and its arguments
     * @param input what it reads from its standard input; null for nothing
     * @return its process ID in the guest
     */
    public long begin(GuestLocation guest, List<String> command, @Nullable String input) throws ProxmoxException {
        Map<String, List<String>> form = new LinkedHashMap<>();
        form.put("command", command);
        if (input != null) {
            form.put("input-data", List.of(input));
        }
        ApiRequest request = new ApiRequest(ApiRequest.Method.POST, path(guest, "exec"), form);
        return client.call(request, (data, date) -> {
            if (!data.path("pid").canConvertToLong()) {
                throw new IllegalArgumentException(Texts.of("answer.no-field", "pid"));
            }
            return data.path("pid").asLong();
        });
    }

    /**
     * The state of a process that {@link #begin} began. The agent forgets an ended process once this has returned it;
     * after that, {@link RequestRejectedException#isNoSuchProcess()}.
     */
    @NonNull
    public GuestProcess process(GuestLocation guest, long pid) throws ProxmoxException {
        return client.get(path(guest, "exec-status").with("pid", pid), GuestProcess::from);
    }

    private static ApiPath path(GuestLocation guest, String call) {
        return ApiPath.of("nodes", guest.node(), guest.type().apiName(), guest.vmid(), "agent", call);
    }
}
