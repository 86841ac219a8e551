package io.jenkins.plugins.proxmox.pve.benchmark;

import io.jenkins.plugins.proxmox.pve.benchmark.ExchangesBenchmark.Rates;
import io.jenkins.plugins.proxmox.pve.benchmark.WaitsBenchmark.Row;
import io.jenkins.plugins.proxmox.pve.sequence.ManyClones;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Prints what waiting and asking cost, beside plain alternatives in the same run: {@code mvn -Pbenchmark test}, for one
 * table alone with {@code -Dtest=ProxmoxBenchmark#clones}. With {@code -Dbenchmark.page=docs/performance.md} the tables
 * are written into that page as well.
 */
class ProxmoxBenchmark {

    private interface Table {
        void addTo(List<String> lines) throws Exception;
    }

    @Test
    void exchanges() throws Exception {
        measure("exchanges", ProxmoxBenchmark::addExchanges);
    }

    @Test
    void waits() throws Exception {
        measure("waits", ProxmoxBenchmark::addWaits);
    }

    @Test
    void locks() throws Exception {
        measure("locks", ProxmoxBenchmark::addLocks);
    }

    @Test
    void addresses() throws Exception {
        measure("addresses", ProxmoxBenchmark::addAddresses);
    }

    @Test
    void clones() throws Exception {
        measure("clones", ProxmoxBenchmark::addClones);
    }

    private static void measure(String name, Table table) throws Exception {
        List<String> lines = new ArrayList<>();
        table.addTo(lines);
        String text = String.join("\n", lines) + "\n";
        System.out.println("\n" + text);
        String page = System.getProperty("benchmark.page", "");
        if (!page.isEmpty()) {
            MeasuredTable.write(Path.of(page), name, text);
        }
    }

    private static void addExchanges(List<String> lines) throws Exception {
        try (ExchangesBenchmark exchanges = new ExchangesBenchmark()) {
            addExchanges(lines, exchanges);
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

    private static void addAddresses(List<String> lines) throws Exception {
        lines.add("| guests that boot at once | how | delay p50 | p95 (goal: 1000 ms) | max | requests | per guest "
                + "| per node and second (goal: at most 3) | most in a second | threads |");
        lines.add("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (AddressesBenchmark addresses : List.of(new AddressesBenchmark(1, 1), new AddressesBenchmark(200, 5))) {
            lines.add(row(addresses.shared()));
            lines.add(row(addresses.plain()));
        }
    }

    private static String row(AddressesBenchmark.Row row) {
        return String.format(
                Locale.ROOT,
                "| %d on %d node(s) | %s | %d ms | %d ms | %d ms | %d | %.1f | %.1f | %d | %d |",
                row.guests(),
                row.nodes(),
                row.name(),
                row.p50(),
                row.p95(),
                row.max(),
                row.requests(),
                row.requests() / (double) row.guests(),
                row.requestsPerSecond(),
                row.mostPerSecond(),
                row.threads());
    }

    private static void addClones(List<String> lines) throws Exception {
        lines.add("| clones at once | how | different guests | requests for a VMID per clone (goal: at most 1.2) "
                + "| requests to clone per clone | left after deletion | all there after |");
        lines.add("|---|---|---:|---:|---:|---:|---:|");
        ClonesBenchmark clones = new ClonesBenchmark();
        lines.add(row(clones.operations()));
        lines.add(row(clones.plain()));
    }

    private static String row(ClonesBenchmark.Row row) {
        return String.format(
                Locale.ROOT,
                "| %d, and %d of another controller | %s | %d of %d | %.2f | %.2f | %d | %.1f s |",
                ManyClones.CLONES,
                row.outcome().wanted() - ManyClones.CLONES,
                row.name(),
                row.outcome().guests(),
                row.outcome().wanted(),
                row.outcome().vmidRequestsPerClone(),
                row.outcome().cloneRequests() / (double) ManyClones.CLONES,
                row.outcome().left(),
                row.outcome().seconds());
    }
}
