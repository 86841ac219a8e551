package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.PasswordWhitespace;
import io.jenkins.plugins.proxmox.pve.access.Realm;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.ErrorAnswer;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.SecondFactorRequiredException;
import io.jenkins.plugins.proxmox.pve.client.SecretShape;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Why the server does not accept the identity (401). */
final class AuthenticationDiagnosis {

    /** Tickets tolerate five minutes between nodes (PVE::Ticket); a difference of this size will grow to that. */
    private static final Duration CLOCKS_APART = Duration.ofMinutes(1);

    private final AuthenticationFailedException failure;
    private final QuestionBudget questions;
    private final MessageArguments facts;
    private final DiagnosisBuilder draft;

    AuthenticationDiagnosis(AuthenticationFailedException failure, QuestionBudget questions) {
        this.failure = failure;
        this.questions = questions;
        this.facts = MessageArguments.of(failure.identity(), failure.failure().address());
        this.draft = new DiagnosisBuilder(failure);
    }

    Diagnosis write() {
        ErrorAnswer answer = failure.failure();
        if (failure instanceof SecondFactorRequiredException) {
            draft.cause("second-factor", facts);
        } else {
            if (failure.remembered() != null) {
                draft.found(
                        Result.UNKNOWN,
                        "remembered",
                        facts.detail(failure.remembered().inWords()));
            }
            told(RefusalCauses.causeIn(answer));
        }
        return draft.under("refused", facts);
    }

    /** @param id the cause that the server named, or null if it named none, as servers since 2026 do */
    private void told(@Nullable String id) {
        List<String> ids = new ArrayList<>(id == null ? allThatRemain() : List.of(id));
        if (ids.contains("user-unknown")) {
            considerRealm(ids);
        }
        if (ids.contains("secret-wrong")) {
            considerSecret(ids);
        }
        if (ids.contains("password-wrong")) {
            considerPassword(ids);
        }
        Duration apart = clocksApart();
        for (String each : ids) {
            draft.cause(
                    each,
                    switch (each) {
                        case "secret-malformed" -> facts.detail(shapeInWords());
                        case "password-ends" -> facts.detail(endsInWords());
                        default -> facts;
                    },
                    each.startsWith("secret-") ? commandForNewSecret(id != null) : List.of());
        }
        if (apart != null && (ids.contains("ticket-refused") || ids.contains("token-expired"))) {
            draft.cause("clocks-apart", facts.detail(apart.toSeconds()));
        }
    }

    /** Most likely first. */
    private List<String> allThatRemain() {
        if (facts.isToken()) {
            return List.of(
                    "secret-wrong", "token-unknown", "token-expired", "user-disabled", "user-expired", "user-unknown");
        }
        boolean login = failure.failure().path().equals("/access/ticket");
        return login
                ? List.of("password-wrong", "user-unknown", "user-disabled", "user-expired")
                : List.of("ticket-refused", "user-disabled", "user-expired");
    }

    /** An unknown realm explains everything; a known one rules this cause out. */
    private void considerRealm(List<String> ids) {
        Optional<List<Realm>> realms = questions.ask(ProxmoxClient::realms);
        if (realms.isEmpty()) {
            draft.found(Result.UNKNOWN, "realms-unknown", facts);
            ids.add("realm-unknown");
            return;
        }
        List<String> names = realms.get().stream().map(Realm::name).sorted().toList();
        if (names.contains(facts.realm())) {
            draft.found(Result.OK, "realm-exists", facts);
        } else {
            draft.found(Result.NOT_OK, "realm-missing", facts.detail(DiagnosisTexts.allOf(names)));
            ids.clear();
            ids.add("realm-unknown");
        }
    }

    private void considerSecret(List<String> ids) {
        if (questions.secretShape() == SecretShape.UUID) {
            if (!questions.identity().isEmpty()) {
                draft.found(Result.OK, "secret-shape", facts);
            }
            return;
        }
        draft.found(Result.NOT_OK, "secret-malformed", facts.detail(shapeInWords()));
        ids.replaceAll(id -> id.equals("secret-wrong") ? "secret-malformed" : id);
    }

    /** The password is sent unchanged, since it may begin and end with anything. */
    private void considerPassword(List<String> ids) {
        if (questions.passwordEnds() != PasswordWhitespace.VISIBLE) {
            draft.found(Result.NOT_OK, "password-ends", facts.detail(endsInWords()));
            ids.add(0, "password-ends");
        }
    }

    private String endsInWords() {
        return DiagnosisTexts.plain(
                questions.passwordEnds() == PasswordWhitespace.LINE_BREAK ? "password.line-break" : "password.blank");
    }

    /** @param namesCauses whether the server names causes; those that do cannot regenerate the secret of a token */
    private List<String> commandForNewSecret(boolean namesCauses) {
        return namesCauses
                ? DiagnosisTexts.commands("command.secret-of-another-token", facts.detail(facts.tokenName() + "2"))
                : DiagnosisTexts.commands("command.secret-anew", facts);
    }

    private String shapeInWords() {
        return DiagnosisTexts.shape(questions.secretShape());
    }

    /** The difference between the clocks, or null if they agree or the difference is unknown. */
    @Nullable
    private Duration clocksApart() {
        Duration ahead = failure.failure().clockAhead();
        if (ahead == null) {
            return null;
        }
        Duration apart = ahead.abs();
        if (apart.compareTo(CLOCKS_APART) < 0) {
            draft.found(Result.OK, "clocks-agree", facts);
            return null;
        }
        draft.found(
                Result.NOT_OK, ahead.isNegative() ? "clock-behind" : "clock-ahead", facts.detail(apart.toSeconds()));
        return apart;
    }
}
