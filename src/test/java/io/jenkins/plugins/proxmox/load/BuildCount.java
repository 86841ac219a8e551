package io.jenkins.plugins.proxmox.load;

import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.model.listeners.RunListener;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the builds of the controller that it runs in, without loading any of them. */
public final class BuildCount extends RunListener<Run<?, ?>> {

    private static final BuildCount HERE = new BuildCount();

    /** How many builds have begun and ended, and how many there were at once. */
    public record Count(int begun, int succeeded, int failed, int mostAtOnce) implements Serializable {
        int ended() {
            return succeeded + failed;
        }
    }

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger succeeded = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();

    private BuildCount() {}

    /** Begins to count. */
    public static void begin() {
        RunListener.all().add(0, HERE);
    }

    public static Count now() {
        return new Count(HERE.begun.get(), HERE.succeeded.get(), HERE.failed.get(), HERE.mostAtOnce.get());
    }

    @Override
    public void onStarted(Run<?, ?> run, TaskListener listener) {
        int now = begun.incrementAndGet() - succeeded.get() - failed.get();
        mostAtOnce.accumulateAndGet(now, Math::max);
    }

    @Override
    public void onCompleted(Run<?, ?> run, TaskListener listener) {
        boolean good = Result.SUCCESS.equals(run.getResult());
        (good ? succeeded : failed).incrementAndGet();
    }
}
