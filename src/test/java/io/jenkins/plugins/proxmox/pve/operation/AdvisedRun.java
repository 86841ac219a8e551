package io.jenkins.plugins.proxmox.pve.operation;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Cause;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.simulator.HostShell;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Runs into a 403, and does on the host what its explanation says. */
record AdvisedRun(Trial trial, ProxmoxClient client) {

    /** The commands that were carried out. */
    List<String> followAdvice(OperationRequest request) {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);
        try {
            OperationRun run = WholeOperation.run(client, request, line -> {}, threads);
            var failure =
                    assertThrows(ExecutionException.class, () -> run.begin().get(30, TimeUnit.SECONDS));
            List<String> commands = new FailureExplainer(client)
                    .explain((ProxmoxException) failure.getCause(), run.needs()).causes().stream()
                            .map(Cause::commands)
                            .flatMap(List::stream)
                            .toList();
            new HostShell(trial.proxmox.access()).paste(commands);
            return commands;
        } finally {
            threads.shutdownNow();
        }
    }
}
