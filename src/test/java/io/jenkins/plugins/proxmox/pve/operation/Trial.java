package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.SettableClock;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
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
public final class Trial implements AutoCloseable {

    public final SimulatedProxmox proxmox;
    public final ExampleCluster example;
    public final ProxmoxClient client;

    /** By which the client goes. */
    public final SettableClock clock = new SettableClock();

    public final List<String> log = new CopyOnWriteArrayList<>();

    public Trial(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        example = ExampleCluster.in(proxmox);
        client = clock.client(example.settings());
    }

    public SimulatedCluster cluster() {
        return proxmox.cluster();
    }

    public OperationStateMachine operation(PowerAction action, int vmid) {
        return operation(action, vmid, Duration.ofSeconds(30));
    }

    public OperationStateMachine operation(PowerAction action, int vmid, Duration timeout) {
        return new OperationStateMachine(client, request(action, vmid).within(timeout), log::add);
    }

    public OperationRequest request(PowerAction action, int vmid) {
        return OperationRequest.of(new GuestSelector(vmid, null, null), new PowerOperation(action))
                .within(Duration.ofSeconds(30));
    }

    /** Runs an operation to its end. */
    public OperationState run(PowerAction action, int vmid) throws Exception {
        return run(request(action, vmid));
    }

    public OperationState run(OperationRequest request) throws Exception {
        return WholeOperation.of(client, request, log::add);
    }

    /** Goes on with an operation until it is in that phase. */
    public static OperationState until(
            OperationState.Phase phase, OperationStateMachine operation, OperationState state) throws Exception {
        OperationState next = state;
        while (next.phase() != phase) {
            next = operation.advance(next);
        }
        return next;
    }

    /** Goes on with an operation that was left in that state. */
    static OperationState finish(OperationStateMachine operation, OperationState state) throws Exception {
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
