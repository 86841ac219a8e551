package io.jenkins.plugins.proxmox.pve.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Prints what {@code -Pfuzz} has tried, from the files that each property left. */
public final class FuzzReport {

    /** What a run is expected to try on two cores. */
    private static final long ENOUGH = 10_000_000;

    private FuzzReport() {}

    /** @param arguments the directory */
    public static void main(String[] arguments) throws IOException {
        List<String[]> results;
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            results = files.sorted().map(FuzzReport::read).toList();
        }
        long inputs = 0;
        double seconds = 0;
        System.out.println("| property | inputs | seconds |\n| --- | ---: | ---: |");
        for (String[] each : results) {
            inputs += Long.parseLong(each[1]);
            seconds += Double.parseDouble(each[2]);
            System.out.println(
                    String.format(Locale.ROOT, "| %s | %,d | %s |", each[0], Long.valueOf(each[1]), each[2]));
        }
        System.out.println(
                String.format(Locale.ROOT, "| all %d properties | %,d | %.1f |", results.size(), inputs, seconds));
        if (inputs < ENOUGH) {
            System.out.println(
                    String.format(Locale.ROOT, "Fewer than %,d inputs: the machine was slow or busy.", ENOUGH));
        }
    }

    private static String[] read(Path file) {
        try {
            return Files.readString(file).strip().split("\t");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
