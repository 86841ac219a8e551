package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.client.ErrorAnswer;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why the server did not carry out a request that it understood. Usually its own words say it all. */
final class RejectionDiagnosis {

    // PVE::INotify and PVE::Tools: the URL names a node that the cluster does not have
    private static final Pattern NO_SUCH_NODE = Pattern.compile("hostname lookup '([^']*)' failed");

    private RejectionDiagnosis() {}

    static Diagnosis of(RequestRejectedException failure, QuestionBudget questions) {
        ErrorAnswer answer = failure.failure();
        MessageArguments facts = MessageArguments.of(questions.identity(), answer.address());
        MessageArguments request = facts.detail(answer.method() + " " + answer.path());
        DiagnosisBuilder draft = new DiagnosisBuilder(failure);
        String missingPool = RefusalCauses.missingPool(answer);
        String missingStorage = RefusalCauses.missingStorage(answer);
        Matcher noSuchNode = NO_SUCH_NODE.matcher(answer.serverSaid());
        if (failure.isNotImplemented()) {
            noteVersion(questions, draft, facts);
            draft.cause("server-too-old", request);
        } else if (failure.isWithoutQuorum()) {
            draft.cause("no-quorum", facts);
        } else if (failure.isClusterServiceDown()) {
            draft.cause("cluster-service-down", facts);
        } else if (failure.isNoSuchGuest()) {
            draft.cause("guest-missing", request);
        } else if (noSuchNode.find()) {
            draft.cause("node-unknown", facts.detail(noSuchNode.group(1)));
        } else if (missingPool != null) {
            draft.cause("pool-unknown", facts.detail(missingPool));
        } else if (missingStorage != null) {
            draft.cause("storage-unknown", facts.detail(missingStorage));
        } else if (RefusalCauses.of(answer).contains("only root")) {
            draft.cause("root-only", request);
        } else if (failure.isWrongParameter()) {
            draft.cause("parameter-refused", request);
        } else {
            draft.cause("request-rejected", request);
        }
        return draft.under("rejected", facts);
    }

    private static void noteVersion(QuestionBudget questions, DiagnosisBuilder draft, MessageArguments facts) {
        Optional<ServerVersion> version = questions.ask(ProxmoxClient::version);
        if (version.isPresent()) {
            draft.found(Result.UNKNOWN, "version", facts.detail(version.get().version()));
        } else {
            draft.found(Result.UNKNOWN, "version-unknown", facts);
        }
    }
}
