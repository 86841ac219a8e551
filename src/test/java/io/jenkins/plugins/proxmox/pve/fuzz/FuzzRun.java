package io.jenkins.plugins.proxmox.pve.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.FixedSeedMode;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.AroundTryHook;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;
import net.jqwik.api.lifecycle.TryExecutionResult;
import net.jqwik.api.lifecycle.TryExecutor;
import net.jqwik.api.lifecycle.TryLifecycleContext;

/**
 * One run of a {@link Fuzzed} property: sets the seed and the number of inputs, counts the inputs, and fails when one takes
 * too long. jqwik runs one property after the other, so there is one run at a time.
 *
 * <p>System properties: {@code fuzz.seconds} tries each property for that long, with a random seed, instead of a number of
 * times with a fixed one; {@code fuzz.seed} repeats a run; {@code fuzz.report} is the directory for the results.
 */
public final class FuzzRun implements AroundPropertyHook, AroundTryHook {

    private static final String FIXED_SEED = "8006";

    /** Far more than an input of 64 KiB takes on a machine that is busy with other things. */
    private static final Duration SLOW = Duration.ofSeconds(10);

    /** Nothing interrupts a regular expression, so an input that takes this long ends the process. */
    private static final Duration HANGING = Duration.ofMinutes(2);

    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("fuzz.seconds", 0));

    /** Long inputs are there to find what takes too long, which few of them show. */
    private static final int SHARE_OF_LONG = 4;

    private static volatile Attempt current;
    private static long inputs;
    private static long end;

    private record Attempt(Thread thread, String property, List<Object> input, long begun) {

        Duration age() {
            return Duration.ofNanos(System.nanoTime() - begun);
        }
    }

    static {
        Thread watchdog = new Thread(FuzzRun::watch, "fuzz watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    @Override
    public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
        Fuzzed fuzzed = context.findAnnotation(Fuzzed.class).orElseThrow();
        String seed = System.getProperty("fuzz.seed", isLong() ? randomSeed() : FIXED_SEED);
        context.attributes().setSeed(seed);
        context.attributes().setWhenFixedSeed(FixedSeedMode.ALLOW);
        context.attributes().setAfterFailure(AfterFailureMode.RANDOM_SEED);
        context.attributes().setTries(isLong() ? Integer.MAX_VALUE : fuzzed.inputs());
        inputs = 0;
        long begun = System.nanoTime();
        end = begun + LENGTH.toNanos() / (fuzzed.inputs() <= Fuzzed.LONG ? SHARE_OF_LONG : 1);
        PropertyExecutionResult result = property.execute();
        report(context, seed, Duration.ofNanos(System.nanoTime() - begun), result);
        return result;
    }

    @Override
    public TryExecutionResult aroundTry(TryLifecycleContext context, TryExecutor attempt, List<Object> parameters) {
        inputs++;
        Attempt now = new Attempt(Thread.currentThread(), context.label(), parameters, System.nanoTime());
        current = now;
        try {
            TryExecutionResult result = attempt.execute(parameters);
            if (now.age().compareTo(SLOW) > 0) {
                return TryExecutionResult.falsified(new AssertionError("took " + now.age()));
            }
            boolean over = isLong() && System.nanoTime() - end >= 0;
            return over && !result.isFalsified() ? TryExecutionResult.satisfied(true) : result;
        } finally {
            current = null;
        }
    }

    private static boolean isLong() {
        return !LENGTH.isZero();
    }

    private static String randomSeed() {
        return String.valueOf(new SecureRandom().nextLong());
    }

    private static void report(
            PropertyLifecycleContext context, String seed, Duration took, PropertyExecutionResult result) {
        String name = context.containerClass().getSimpleName() + "." + context.label();
        String outcome = result.status() == PropertyExecutionResult.Status.FAILED ? "FAILED" : "ok";
        String line = String.format(
                Locale.ROOT, "%s\t%d\t%.1f\t%s\t%s", name, inputs, took.toMillis() / 1000.0, seed, outcome);
        String directory = System.getProperty("fuzz.report", "");
        if (!directory.isEmpty()) {
            System.out.println("fuzzed " + line.replace('\t', ' '));
            try {
                Files.createDirectories(Path.of(directory));
                Files.writeString(Path.of(directory, name + ".tsv"), line + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void watch() {
        try {
            while (true) {
                Thread.sleep(1000);
                Attempt now = current;
                if (now != null && now.age().compareTo(HANGING) > 0) {
                    System.err.println(now.property() + " hangs with " + now.input());
                    for (StackTraceElement frame : now.thread().getStackTrace()) {
                        System.err.println("\tat " + frame);
                    }
                    Runtime.getRuntime().halt(1);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
