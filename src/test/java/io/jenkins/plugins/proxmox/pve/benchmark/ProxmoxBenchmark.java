package io.jenkins.plugins.proxmox.pve.benchmark;

import io.jenkins.plugins.proxmox.pve.benchmark.ExchangesBenchmark.Rates;
import io.jenkins.plugins.proxmox.pve.benchmark.WaitsBenchmark.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Prints what waiting and asking cost, beside plain alternatives in the same run: {@code mvn -Pbenchmark test}. With
 * {@code -Dbenchmark.page=docs/performance.md} the tables are written into that page as well.
 */
class ProxmoxBenchmark {

    private static final String BEGIN = "<!-- measured: begin -->";
    private static final String END = "<!-- measured: end -->";

    @Test
    void measure() throws Exception {
        List<String> lines = new ArrayList<>();
        try (ExchangesBenchmark exchanges = new ExchangesBenchmark()) {
            addExchanges(lines, exchanges);
        }
        lines.add("");
        addWaits(lines);
        lines.add("");
        addLocks(lines);
        String tables = String.join("\n", lines) + "\n";
        System.out.println("\n" + tables);
        String page = System.getProperty("benchmark.page", "");
        if (!page.isEmpty()) {
            write(Path.of(page), tables);
        }
    }

    private static void addExchanges(List<String> lines, ExchangesBenchmark exchanges) throws Exception {
        lines.add("| exchanges, one after the other | this client | HttpClient 5 as it comes | ratio | goal |");
        lines.add("|---|---:|---:|---:|---:|");
        lines.add(row("GET /version, both on one connection", exchanges.gets(), "0.9"));
        lines.add(row("GET status/current, kept connection beside a new one each", exchanges.looks(), "1.6"));
        lines.add("");
        lines.add("Requests of a whole start of a stopped guest, confirmation included: " + exchanges.requestsOfAStart()
                + " (goal: at most 4).");
    }

    private static String row(String what, Rates rates, String goal) {
        return String.format(
                Locale.ROOT,
                "| %s | %.0f/s | %.0f/s | %.2f | %s |",
                what,
                rates.ours(),
                rates.other(),
                rates.ratio(),
                goal);
    }

    private static void addWaits(List<String> lines) throws Exception {
        lines.add("| waits | how | delay p50 | p95 | max | requests | per wait | most per node and second | threads "
                + "| heap per wait |");
        lines.add("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (WaitsBenchmark waits : List.of(
                new WaitsBenchmark(1, 1),
                new WaitsBenchmark(20, 20),
                new WaitsBenchmark(100, 1),
                new WaitsBenchmark(1000, 1))) {
            lines.add(row(waits.shared()));
            lines.add(row(waits.plain()));
        }
    }

    private static String row(Row row) {
        String waits = row.nodes() == 1 ? row.waits() + " on one node" : "1 on each of " + row.nodes() + " nodes";
        return String.format(
                Locale.ROOT,
                "| %s | %s | %d ms | %d ms | %d ms | %d | %.2f | %d | %d | %.1f KiB |",
                waits,
                row.name(),
                row.p50(),
                row.p95(),
                row.max(),
                row.requests(),
                row.requests() / (double) row.waits(),
                row.requestsPerSecond(),
                row.threads(),
                row.heapPerWait() / 1024.0);
    }

    private static void addLocks(List<String> lines) throws Exception {
        lines.add("| waits for a lock | how | requests per second while nothing changes | delay p50 | p95 | threads "
                + "| heap per wait |");
        lines.add("|---|---|---:|---:|---:|---:|---:|");
        for (LocksBenchmark locks : List.of(new LocksBenchmark(1), new LocksBenchmark(100), new LocksBenchmark(1000))) {
            lines.add(row(locks.operations()));
            lines.add(row(locks.plain()));
        }
    }

    private static String row(LocksBenchmark.Row row) {
        return String.format(
                Locale.ROOT,
                "| %d | %s | %.1f | %d ms | %d ms | %d | %.1f KiB |",
                row.waits(),
                row.name(),
                row.requestsPerSecond(),
                row.p50(),
                row.p95(),
                row.threads(),
                row.heapPerWait() / 1024.0);
    }

    private static void write(Path page, String tables) throws Exception {
        String text = Files.readString(page);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        if (begin < BEGIN.length() || end < begin) {
            throw new IllegalStateException(page + " has no place for the tables");
        }
        Files.writeString(page, text.substring(0, begin) + "\n" + tables + text.substring(end));
    }
}
