package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why the answering node could not forward a request to another node, or to its own daemon (595 to 599). The
 * documentation of the Perl module AnyEvent::HTTP explains the numbers; the rest is in the reason phrase.
 */
final class NodeUnreachableDiagnosis {

    private NodeUnreachableDiagnosis() {}

    static Diagnosis of(NodeUnreachableException failure, QuestionBudget questions) {
        String node = failure.node();
        MessageArguments facts = MessageArguments.of(
                        questions.identity(), failure.failure().address())
                .detail(node);
        DiagnosisBuilder draft = new DiagnosisBuilder(failure);
        Duration took = failure.failure().took();
        if (took != null) {
            draft.found(Result.UNKNOWN, "answer-took", facts.detail(inSeconds(took)));
        }
        if (node.isEmpty()) {
            // such as a login: the web server forwards it to the daemon on the same node
            draft.cause("daemon-silent", facts);
            return draft.under("relay-to-daemon", facts);
        }
        boolean offline = isOffline(node, questions.ask(ProxmoxClient::nodes), draft, facts);
        draft.cause(causeOf(failure, offline), facts);
        return draft.under("relay", facts);
    }

    private static String inSeconds(Duration took) {
        return String.format(Locale.ROOT, "%.1f", took.toMillis() / 1000.0);
    }

    private static boolean isOffline(
            String node, Optional<List<NodeResource>> nodes, DiagnosisBuilder draft, MessageArguments facts) {
        if (nodes.isEmpty()) {
            draft.found(Result.UNKNOWN, "nodes-unknown", facts);
            return false;
        }
        Optional<NodeResource> found =
                nodes.get().stream().filter(n -> n.name().equals(node)).findFirst();
        if (found.isEmpty()) {
            List<String> names = nodes.get().stream().map(NodeResource::name).toList();
            draft.found(Result.NOT_OK, "node-missing", facts.detail(node, DiagnosisTexts.allOf(names)));
            return false;
        }
        boolean offline = "offline".equals(found.get().status());
        draft.found(offline ? Result.NOT_OK : Result.OK, offline ? "node-offline" : "node-online", facts);
        return offline;
    }

    private static String causeOf(NodeUnreachableException failure, boolean offline) {
        String said = RefusalCauses.of(failure.failure());
        if (said.contains("certificate verify failed")) {
            return "node-certificate";
        }
        if (offline) {
            return "node-offline";
        }
        if (!failure.isConnected()) {
            return said.contains("refused") ? "node-refused" : "node-unreachable";
        }
        return said.contains("timed out") ? "node-silent" : "node-broke-off";
    }
}
