package io.jenkins.plugins.proxmox.pve.fault;

import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;

/** What a fault happens to: a server, and the guest of an operation. */
public record FaultTarget(SimulatedProxmox proxmox, int vmid) {

    SimulatedCluster cluster() {
        return proxmox.cluster();
    }
}
