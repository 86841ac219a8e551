package io.jenkins.plugins.proxmox.pve.simulator;

import java.time.Duration;

/** The guests and the identities with which clones, configurations and deletions were recorded. */
final class ProvisionedCluster implements AutoCloseable {

    static final String NODE = "/nodes/pve1";
    static final String TEMPLATE = NODE + "/qemu/590";

    final SimulatedProxmox proxmox;
    final SimulatedCluster cluster;
    final AccessControl access;
    final WireClient builder;

    ProvisionedCluster(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        cluster = proxmox.cluster();
        access = proxmox.access();
        cluster.timing(Duration.ofMillis(40), Duration.ofMillis(40), Duration.ofMillis(40));
        cluster.node("pve2", true);
        cluster.vm(590, "pve1", "w2-tmpl")
                .template()
                .configured("description", "golden")
                .configured("tags", "golden");
        cluster.vm(500, "pve1", "w2-linked");
        cluster.container(202, "pve1", "ct");
        cluster.container(201, "pve1", "cache").running();
        access.role(
                "Builder",
                "VM.Allocate,VM.Audit,VM.Clone,VM.Config.CDROM,VM.Config.CPU,VM.Config.Cloudinit,VM.Config.Disk,"
                        + "VM.Config.HWType,VM.Config.Memory,VM.Config.Network,VM.Config.Options,VM.PowerMgmt,VM.Snapshot");
        builder = as("builder@pve!ci", "/vms", "Builder", "/storage", "PVEDatastoreUser", "/sdn", "PVESDNUser");
    }

    /** Somebody with roles on paths, given in turn. */
    WireClient as(String tokenId, String... pathsAndRoles) {
        String user = tokenId.substring(0, tokenId.indexOf('!'));
        access.user(user);
        for (int i = 0; i < pathsAndRoles.length; i += 2) {
            access.grant(pathsAndRoles[i], user, pathsAndRoles[i + 1]);
        }
        return new WireClient(proxmox, tokenId, access.token(tokenId, false));
    }

    @Override
    public void close() {
        proxmox.close();
    }
}
