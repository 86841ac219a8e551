package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.SettableClock;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A simulated server, a client of it, and operations whose log is kept. */
final class Trial implements AutoCloseable {

    final SimulatedProxmox proxmox;
    final ExampleCluster example;
    final ProxmoxClient client;

    /** By which the client goes. */
    final SettableClock clock = new SettableClock();

    final List<String> log = new CopyOnWriteArrayList<>();

    Trial(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        example = ExampleCluster.in(proxmox);
        client = clock.client(example.settings());
    }

    SimulatedCluster cluster() {
        return proxmox.cluster();
    }

    GuestOperation operation(PowerAction action, int vmid) {
        return operation(action, vmid, Duration.ofSeconds(30));
    }

    GuestOperation operation(PowerAction action, int vmid, Duration timeout) {
        return new GuestOperation(client, request(action, vmid).within(timeout), log::add);
    }

    PowerRequest request(PowerAction action, int vmid) {
        return PowerRequest.of(new GuestSelector(vmid, null, null), action).within(Duration.ofSeconds(30));
    }

    /** Runs an operation to its end. */
    OperationState run(PowerAction action, int vmid) throws Exception {
        return run(request(action, vmid));
    }

    OperationState run(PowerRequest request) throws Exception {
        return WholeOperation.of(client, request, log::add);
    }

    /** Goes on with an operation until it is in that phase. */
    static OperationState until(OperationState.Phase phase, GuestOperation operation, OperationState state)
            throws Exception {
        OperationState next = state;
        while (next.phase() != phase) {
            next = operation.advance(next);
        }
        return next;
    }

    /** Goes on with an operation that was left in that state. */
    static OperationState finish(GuestOperation operation, OperationState state) throws Exception {
        OperationState next = state;
        while (!next.isDone()) {
            next = operation.advance(next);
        }
        return next;
    }

    @Override
    public void close() throws IOException {
        client.close();
        proxmox.close();
    }
}
