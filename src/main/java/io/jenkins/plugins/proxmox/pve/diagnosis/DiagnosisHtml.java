package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.access.GuestUse;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Renders diagnoses and reports for forms. Everything but the tags written here is escaped. */
final class DiagnosisHtml {

    private final StringBuilder html = new StringBuilder();

    private DiagnosisHtml() {}

    static String of(Diagnosis diagnosis) {
        DiagnosisHtml page = new DiagnosisHtml();
        page.write(diagnosis);
        return page.html.toString();
    }

    static String of(ConnectionReport report) {
        DiagnosisHtml page = new DiagnosisHtml();
        page.write(report);
        return page.html.toString();
    }

    private void write(ConnectionReport report) {
        html.append("<div class=\"proxmox-report\"><ul>");
        report.lines().forEach(this::write);
        html.append("</ul>");
        if (!report.uses().isEmpty()) {
            beginTable("render.use", "render.guests", "render.lacks");
            report.uses().forEach(this::write);
            endTable();
        }
        if (!report.rights().isEmpty()) {
            beginTable("render.path", "render.privileges", "render.role");
            report.rights().forEach(this::write);
            endTable();
        }
        if (report.trouble() != null) {
            write(report.trouble());
        }
        html.append("</div>");
    }

    private void beginTable(String... titles) {
        html.append("<table class=\"jenkins-table\"><thead><tr>");
        for (String title : titles) {
            element("th", escape(DiagnosisTexts.plain(title)));
        }
        html.append("</tr></thead><tbody>");
    }

    private void endTable() {
        html.append("</tbody></table>");
    }

    private void write(GuestUse use) {
        html.append("<tr>");
        element("td", escape(DiagnosisTexts.use(use.right())));
        element("td", escape(DiagnosisTexts.numberOf(use.permitted(), use.of())));
        element("td", escape(use.missing().stream().map(DiagnosisTexts::onPath).collect(Collectors.joining(", "))));
        html.append("</tr>");
    }

    private void write(ConnectionReport.Rights rights) {
        html.append("<tr>");
        element("td", "<code>" + escape(rights.path()) + "</code>");
        element("td", escape(String.join(", ", new TreeSet<>(rights.privileges()))));
        element("td", escape(rights.role()));
        html.append("</tr>");
    }

    private void write(Diagnosis diagnosis) {
        html.append("<div class=\"proxmox-diagnosis\">");
        element("p", "<b>" + escape(diagnosis.headline()) + "</b>");
        diagnosis.quoteLines().forEach(said -> element("p", "<code>" + escape(said) + "</code>"));
        if (!diagnosis.findings().isEmpty()) {
            element("p", escape(DiagnosisTexts.plain("render.findings")));
            html.append("<ul>");
            diagnosis.findings().forEach(this::write);
            html.append("</ul>");
        }
        List<Cause> causes = diagnosis.causes();
        if (!causes.isEmpty()) {
            element("p", escape(DiagnosisTexts.plain(causes.size() == 1 ? "render.cause" : "render.causes")));
            html.append("<ol>");
            causes.forEach(this::write);
            html.append("</ol>");
        }
        html.append("</div>");
    }

    private void write(Evidence finding) {
        String result = finding.result().name().toLowerCase(Locale.ROOT).replace('_', '-');
        html.append("<li class=\"proxmox-").append(result).append("\">");
        html.append(mark(finding)).append(escape(finding.sentence()));
        write(finding.commands());
        html.append("</li>");
    }

    private static String mark(Evidence finding) {
        return switch (finding.result()) {
            case OK -> "✓ ";
            case NOT_OK -> "✗ ";
            case UNKNOWN -> "? ";
        };
    }

    private void write(Cause cause) {
        html.append("<li>");
        element("p", escape(cause.sentence()));
        element("p", escape(cause.remedy()));
        write(cause.commands());
        String link = escape(cause.link());
        element("p", "<a href=\"" + link + "\" rel=\"noopener noreferrer\" target=\"_blank\">" + link + "</a>");
        html.append("</li>");
    }

    private void write(List<String> commands) {
        if (!commands.isEmpty()) {
            List<String> lines = commands.stream().map(DiagnosisHtml::escape).toList();
            element("pre", String.join("\n", lines));
        }
    }

    private void element(String name, String content) {
        html.append('<').append(name).append('>').append(content);
        html.append("</").append(name).append('>');
    }

    private static String escape(String text) {
        return SafeText.line(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
