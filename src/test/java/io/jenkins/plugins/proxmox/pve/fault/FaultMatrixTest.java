package io.jenkins.plugins.proxmox.pve.fault;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.benchmark.MeasuredTable;
import io.jenkins.plugins.proxmox.pve.fault.FaultCase.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whatever goes wrong on the way, an operation succeeds or says clearly why not, and is carried out at most once. With
 * {@code -Dfaults.share=1} all cases are run instead of some; with {@code -Dfaults.page=docs/reliability.md} the tables are
 * written there.
 */
class FaultMatrixTest {

    private static final int USUAL_SHARE = 16;

    private static int share() {
        return Integer.getInteger("faults.share", USUAL_SHARE);
    }

    /** What is open, with the number of each. Archives of classes are left out: the JVM opens them when it needs them. */
    private static Map<String, Integer> handles() throws IOException {
        Map<String, Integer> handles = new TreeMap<>();
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : open.toList()) {
                try {
                    String target = Files.readSymbolicLink(each).toString().replaceFirst(":\\[\\d+]$", "");
                    if (!target.endsWith(".jar")) {
                        handles.merge(target, 1, Integer::sum);
                    }
                } catch (NoSuchFileException e) {
                    // closed by now, such as the one that lists the others
                }
            }
        }
        return handles;
    }

    /** What is open now and was not before, with the number of each. */
    private static Map<String, Integer> handlesBeyond(Map<String, Integer> before) throws IOException {
        Map<String, Integer> handles = handles();
        before.forEach((target, number) -> handles.merge(target, -number, Integer::sum));
        handles.values().removeIf(number -> number <= 0);
        return handles;
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> !name.startsWith("ForkJoinPool") && !name.startsWith("CompletableFutureDelay"))
                .sorted()
                .collect(Collectors.toList());
    }

    @Test
    void noFaultLosesOrDoublesAnOperation() throws Exception {
        List<FaultCase> cases = FaultMatrix.everyNth(FaultMatrix.all(), share());
        // what is made once, such as random numbers
        FaultMatrix.run(cases.subList(0, 3));
        int threadsBefore = threads().size();
        Map<String, Integer> handlesBefore = handles();
        long begin = System.nanoTime();
        List<Result> results = FaultMatrix.run(cases);
        long seconds = (System.nanoTime() - begin) / 1_000_000_000;
        report(results, seconds);
        List<String> complaints = results.stream()
                .filter(result -> !result.passed())
                .map(result -> result.of() + ": " + String.join("; ", result.complaints()))
                .toList();
        assertThat(String.join("\n", complaints), complaints, is(empty()));
        if (share() <= USUAL_SHARE) {
            assertThat(results.stream().filter(Result::met).count(), is(greaterThanOrEqualTo(2000L)));
        }
        Eventually.holds(
                () -> "no thread is left: " + threads(), () -> threads().size() <= threadsBefore);
        Eventually.holds(
                () -> "no file handle is left: " + handlesBeyond(handlesBefore),
                () -> handlesBeyond(handlesBefore).isEmpty());
    }

    private static void report(List<Result> results, long seconds) throws IOException {
        String byOperation = table(
                results,
                "operation",
                each -> each.of().operation() + " " + each.of().type());
        String byFault =
                table(results, "fault", each -> each.of().fault().name().replaceAll("status \\d+", "a status"));
        String whole = byOperation + "\n" + results.size() + " cases in " + seconds + " s.\n\n" + byFault;
        System.out.println(whole);
        String page = System.getProperty("faults.page", "");
        if (!page.isEmpty()) {
            MeasuredTable.write(Path.of(page), "faults", whole);
        }
    }

    private static String table(List<Result> results, String head, Function<Result, String> group) {
        Map<String, long[]> rows = new TreeMap<>();
        for (Result each : results) {
            long[] row = rows.computeIfAbsent(group.apply(each), name -> new long[4]);
            row[0]++;
            row[1] += each.met() ? 1 : 0;
            row[2] += each.succeeded() ? 1 : 0;
            row[3] += each.passed() ? 1 : 0;
        }
        StringBuilder table = new StringBuilder();
        table.append("| ").append(head).append(" | cases | met the fault | operation succeeded | passed |\n");
        table.append("|---|---:|---:|---:|---:|\n");
        rows.forEach((name, row) -> table.append("| ")
                .append(name)
                .append(" | ")
                .append(row[0])
                .append(" | ")
                .append(row[1])
                .append(" | ")
                .append(row[2])
                .append(" | ")
                .append(row[3])
                .append(" |\n"));
        return table.toString();
    }
}
