package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.util.List;

/**
 * Why a request failed and what to do about it, in words for people. Contains no secret.
 *
 * @param headline one or two sentences on one line, enough for the last line of a log
 * @param serverSaid null when no Proxmox VE server answered
 * @param findings what was checked
 * @param causes the possible causes, most likely first; a single one if it is certain
 */
public record Diagnosis(
        String headline, @Nullable ServerQuote serverSaid, List<Evidence> findings, List<Cause> causes) {

    /** The page that has the sections of {@link Cause#anchor()}. */
    public static final String PAGE =
            "https://github.com/jenkinsci/proxmox-ve-plugin/blob/main/docs/troubleshooting.md";

    public Diagnosis {
        findings = List.copyOf(findings);
        causes = List.copyOf(causes);
    }

    /** The diagnosis in one line, where no more fits: the headline, and what the server said. */
    public String summary() {
        List<String> said = quoteLines();
        return said.isEmpty() ? headline : headline + " " + said.get(0);
    }

    /** For logs: lines without control characters, each command on a line of its own, a line break at the end. */
    public String toPlainText() {
        return DiagnosisPlainText.of(this);
    }

    /** For forms: a {@code div} in which nothing sent by a server is interpreted as markup. */
    public String toHtml() {
        return DiagnosisHtml.of(this);
    }

    /** What the server said, as lines; none when no Proxmox VE server answered. */
    List<String> quoteLines() {
        return serverSaid == null ? List.of() : serverSaid.lines();
    }
}
