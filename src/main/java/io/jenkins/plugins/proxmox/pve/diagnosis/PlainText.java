package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.text.Text;
import java.util.List;
import java.util.Map;

/** A diagnosis for a log. */
final class PlainText {

    private static final Map<Finding.Result, String> MARKS = Map.of(
            Finding.Result.OK, "[ok] ",
            Finding.Result.NOT_OK, "[no] ",
            Finding.Result.UNKNOWN, "[ ?] ");

    private PlainText() {}

    static String of(Diagnosis diagnosis) {
        StringBuilder text = new StringBuilder();
        line(text, 0, diagnosis.headline());
        Said.lines(diagnosis).forEach(said -> line(text, 1, said));
        if (!diagnosis.findings().isEmpty()) {
            line(text, 1, Texts.plain("render.findings"));
            for (Finding finding : diagnosis.findings()) {
                line(text, 2, MARKS.get(finding.result()) + finding.sentence());
                finding.commands().forEach(command -> line(text, 5, command));
            }
        }
        List<Cause> causes = diagnosis.causes();
        if (!causes.isEmpty()) {
            line(text, 1, Texts.plain(causes.size() == 1 ? "render.cause" : "render.causes"));
        }
        for (int i = 0; i < causes.size(); i++) {
            String number = causes.size() == 1 ? "" : (i + 1) + ". ";
            line(text, 2, number + causes.get(i).sentence());
            line(text, 3, causes.get(i).remedy());
            causes.get(i).commands().forEach(command -> line(text, 5, command));
            line(text, 3, Said.more(causes.get(i)));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, int indent, String content) {
        text.append("  ".repeat(indent)).append(Text.line(content)).append('\n');
    }
}
