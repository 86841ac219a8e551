package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.util.List;

/** A simulated server, something that fails on it, and the words to say how the failure is explained. */
final class Explained implements AutoCloseable {

    /** A call that is to fail. */
    interface Call {
        void on(ProxmoxClient client) throws ProxmoxException;
    }

    final SimulatedProxmox proxmox;
    final ExampleCluster cluster;
    final Generation generation;
    Diagnosis diagnosis;
    private List<ReceivedRequest> questions = List.of();

    Explained(Generation generation) {
        this.generation = generation;
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
    }

    /** Explains what fails of {@code call}, which is part of what needs these rights, asking the server as well. */
    Explained as(Authentication identity, Call call, RequiredPrivilege... needs) throws IOException {
        return with(cluster.settings(identity), call, needs);
    }

    Explained with(ClientSettings settings, Call call, RequiredPrivilege... needs) throws IOException {
        try (ProxmoxClient client = new ProxmoxClient(settings)) {
            ProxmoxException failure = assertThrows(ProxmoxException.class, () -> call.on(client));
            proxmox.forgetRequests();
            diagnosis = new FailureExplainer(client).explain(failure, List.of(needs));
            questions = proxmox.requests();
        }
        return this;
    }

    /** The next request is refused in these words, in the form that the generation gives them. */
    Explained refuse(int status, String reason) {
        proxmox.inject(request -> true, new Fault.Refuse(status, reason));
        return this;
    }

    Explained hasHeadline(String headline) {
        assertThat(diagnosis.headline(), is(headline.replace("$", proxmox.address())));
        return this;
    }

    Explained hasCauses(String... ids) {
        assertThat(diagnosis.causes().stream().map(Cause::id).toList(), is(equalTo(List.of(ids))));
        return this;
    }

    Explained hasCommands(String causeId, String... commands) {
        assertThat(cause(causeId).commands(), is(equalTo(List.of(commands))));
        return this;
    }

    Explained found(Evidence.Result result, String sentence) {
        assertThat(diagnosis.findings(), hasItem(new Evidence(result, sentence)));
        return this;
    }

    Explained asked(String... requests) {
        assertThat(questions.stream().map(ReceivedRequest::toString).toList(), is(equalTo(List.of(requests))));
        return this;
    }

    Cause cause(String id) {
        return diagnosis.causes().stream()
                .filter(cause -> cause.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** On a server of that generation. */
    Explained hasCauses(List<String> onV8, List<String> onV9) {
        return hasCauses((generation == Generation.V8 ? onV8 : onV9).toArray(String[]::new));
    }

    @Override
    public void close() {
        proxmox.close();
    }
}
