package io.jenkins.plugins.proxmox.pve.simulator;

import java.util.List;

/** Fills a simulated server with as many guests as a large company has, in all states and with names of their own. */
public final class LargeCluster {

    private static final int NODES = 16;

    private static final List<String> ROLES =
            List.of("web", "db", "build-agent", "cache", "mail", "proxy", "registry", "monitoring");

    private static final List<String> TEAMS = List.of("payments", "search", "mobile", "platform", "research");

    private LargeCluster() {}

    /** Adds that many guests, from VMID 1000 upwards, on 16 nodes of which one is off. */
    public static void in(SimulatedProxmox proxmox, int guests) {
        in(proxmox, guests, NODES);
    }

    /** The same on that many nodes. */
    public static void in(SimulatedProxmox proxmox, int guests, int nodes) {
        SimulatedCluster cluster = proxmox.cluster();
        for (int node = 1; node <= nodes; node++) {
            cluster.node(node(node), node != nodes);
        }
        for (int i = 0; i < guests; i++) {
            add(cluster, i, nodes);
        }
    }

    private static void add(SimulatedCluster cluster, int i, int nodes) {
        int vmid = 1000 + i;
        String node = node(1 + i % nodes);
        String team = TEAMS.get(i / 7 % TEAMS.size());
        String name = ROLES.get(i % ROLES.size()) + "-" + team + "-" + (i / ROLES.size() + 1);
        SimulatedGuest guest = i % 5 == 4 ? cluster.container(vmid, node, name) : cluster.vm(vmid, node, name);
        guest.tagged(i % 3 == 0 ? team : team + ";" + (i % 2 == 0 ? "prod" : "test"));
        if (node.equals(node(nodes))) {
            guest.withoutStatistics();
        } else if (i % 8 < 5) {
            guest.running();
        }
        if (i % 97 == 0) {
            guest.locked("backup");
        }
        if (i % 211 == 210) {
            guest.template();
        }
    }

    private static String node(int number) {
        return "pve" + number;
    }
}
