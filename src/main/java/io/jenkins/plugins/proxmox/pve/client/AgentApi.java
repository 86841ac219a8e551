package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestActivity;
import io.jenkins.plugins.proxmox.pve.model.GuestInterface;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestSystem;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import java.util.List;
import java.util.Map;

/**
 * Questions to and about running guests. A virtual machine is asked through its QEMU guest agent, which requires
 * VM.GuestAgent.Audit or VM.GuestAgent.Unrestricted on {@code /vms/{vmid}}, before version 9 VM.Monitor. An agent that
 * does not answer makes the server wait for 3 seconds before it says so ({@link
 * RequestRejectedException#isAgentSilent()}).
 */
public final class AgentApi {

    private final ProxmoxClient client;

    AgentApi(ProxmoxClient client) {
        this.client = client;
    }

    /** Returns when the agent has answered. */
    public void ping(GuestLocation guest) throws ProxmoxException {
        client.call(ApiRequest.post(path(guest, "ping"), Map.of()), (data, date) -> null);
    }

    /** The operating system in a virtual machine. */
    public GuestSystem system(GuestLocation guest) throws ProxmoxException {
        return client.get(path(guest, "get-osinfo"), data -> GuestSystem.from(data.path("result")));
    }

    /**
     * The network interfaces inside the guest, in its own order. For a container this requires VM.Audit on
     * {@code /vms/{vmid}}; there are none while it is stopped, or when it does not exist.
     */
    public List<GuestInterface> interfaces(GuestLocation guest) throws ProxmoxException {
        if (guest.type() == GuestType.QEMU) {
            return client.list(
                    ApiRequest.get(path(guest, "network-get-interfaces")),
                    (data, date) -> Listing.of(data.path("result"), GuestInterface::from));
        }
        ApiPath path = ApiPath.of("nodes", guest.node(), guest.type().apiName(), guest.vmid(), "interfaces");
        return client.list(ApiRequest.get(path), (data, date) -> interfacesOfContainer(data));
    }

    /** The guests of a type on a node, as far as the identity may see them (VM.Audit), with live figures of the node. */
    public Listing<GuestActivity> activity(String node, GuestType type) throws ProxmoxException {
        return client.list(
                ApiPath.of("nodes", GuestLocation.requireNodeName(node), type.apiName()), GuestActivity::from);
    }

    private static Listing<GuestInterface> interfacesOfContainer(JsonNode data) {
        return Listing.of(data.isNull() ? JsonNodeFactory.instance.arrayNode() : data, GuestInterface::from);
    }

    private static ApiPath path(GuestLocation guest, String call) {
        return ApiPath.of("nodes", guest.node(), guest.type().apiName(), guest.vmid(), "agent", call);
    }
}
