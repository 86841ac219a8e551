package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.List;
import java.util.Map;

/** Renders a diagnosis for a log. */
final class DiagnosisPlainText {

    private static final Map<Evidence.Result, String> MARKS = Map.of(
            Evidence.Result.OK, "[ok] ",
            Evidence.Result.NOT_OK, "[no] ",
            Evidence.Result.UNKNOWN, "[ ?] ");

    private DiagnosisPlainText() {}

    static String of(Diagnosis diagnosis) {
        StringBuilder text = new StringBuilder();
        line(text, 0, diagnosis.headline());
        diagnosis.quoteLines().forEach(said -> line(text, 1, said));
        if (!diagnosis.findings().isEmpty()) {
            line(text, 1, DiagnosisTexts.plain("render.findings"));
            for (Evidence finding : diagnosis.findings()) {
                line(text, 2, MARKS.get(finding.result()) + finding.sentence());
                finding.commands().forEach(command -> line(text, 5, command));
            }
        }
        List<Cause> causes = diagnosis.causes();
        if (!causes.isEmpty()) {
            line(text, 1, DiagnosisTexts.plain(causes.size() == 1 ? "render.cause" : "render.causes"));
        }
        for (int i = 0; i < causes.size(); i++) {
            String number = causes.size() == 1 ? "" : (i + 1) + ". ";
            line(text, 2, number + causes.get(i).sentence());
            line(text, 3, causes.get(i).remedy());
            causes.get(i).commands().forEach(command -> line(text, 5, command));
            line(text, 3, causes.get(i).more());
        }
        return text.toString();
    }

    private static void line(StringBuilder text, int indent, String content) {
        text.append("  ".repeat(indent)).append(SafeText.line(content)).append('\n');
    }
}
