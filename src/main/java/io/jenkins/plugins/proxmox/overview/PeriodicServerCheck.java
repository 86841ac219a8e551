package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.Main;
import hudson.XmlFile;
import hudson.model.AsyncPeriodicWork;
import hudson.model.Saveable;
import hudson.model.TaskListener;
import hudson.model.listeners.SaveableListener;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimits;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerConnections;
import io.jenkins.plugins.proxmox.server.ServerSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.Collectors;
import jenkins.util.Timer;

/**
 * Checks in the background every 15 minutes whether the configured servers can be used, and remembers the problems.
 *
 * <p>A problem that needs action (a refused token, a changed certificate) counts at once. A problem that may pass (no
 * connection, a server that is restarting) counts if it still exists {@link #PATIENCE} after it began, which is at the
 * next check. One failed attempt alone does not count.
 */
@Extension
public final class PeriodicServerCheck extends AsyncPeriodicWork {

    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Duration PERIOD = Duration.ofMinutes(15);

    /** Leaves the first minutes of a controller to more urgent work. */
    private static final Duration FIRST_CHECK = Duration.ofMinutes(3);

    /** Prevents controllers that were restarted together from checking at the same time. */
    private static final Duration JITTER = Duration.ofMinutes(4);

    /** Waits for more changes: of credentials, or of the next server. */
    private static final Duration AFTER_CHANGE = Duration.ofSeconds(20);

    /** One thread per server name, and a second one if a check with an earlier configuration still hangs. */
    private static final ConcurrencyLimits<String> THREADS = new ConcurrencyLimits<>(ControllerThreads.pool(), 2);

    /** @param since when it began, as far as is known */
    private record Condition(ServerProblem trouble, Instant since, Instant checkedAt) {

        boolean counts() {
            return !trouble.mayPass() || Duration.between(since, checkedAt).compareTo(PATIENCE) >= 0;
        }
    }

    /** The problems. A server whose configuration was changed has no history. */
    private final Map<ServerSettings, Condition> conditions = new HashMap<>();

    /** What each server was asked with at its last check. */
    private final Map<ServerSettings, Object> checked = new HashMap<>();

    private InstantSource clock = InstantSource.system();

    public PeriodicServerCheck() {
        super("Proxmox VE servers");
    }

    @NonNull
    static PeriodicServerCheck get() {
        return ExtensionList.lookupSingleton(PeriodicServerCheck.class);
    }

    @Override
    public long getRecurrencePeriod() {
        return PERIOD.toMillis();
    }

    @Override
    public long getInitialDelay() {
        return FIRST_CHECK.toMillis() + ThreadLocalRandom.current().nextLong(JITTER.toMillis());
    }

    @Override
    protected Level getNormalLoggingLevel() {
        return Level.FINE;
    }

    @Override
    protected boolean queueIfAlreadyRunning() {
        // after "Check again", the current check may have asked before the problem was fixed
        return true;
    }

    /** Checks all servers and records each result as soon as it is known. Returns when the slowest check ends. */
    @Override
    protected void execute(TaskListener listener) throws InterruptedException {
        CompletableFuture<?>[] checks = ProxmoxConfiguration.get().getServers().stream()
                .map(server -> CompletableFuture.runAsync(
                        () -> check(server, ServerConnections.access(server)), THREADS.of(server.getName())))
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(checks).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void check(ProxmoxServer server, Object access) {
        note(ServerSettings.of(server), access, ServerCheck.of(server));
    }

    /** Checks, in the background, the servers that are asked with something else than at their last check. */
    void checkChanged() {
        for (ProxmoxServer server : ProxmoxConfiguration.get().getServers()) {
            THREADS.of(server.getName()).execute(() -> {
                Object access = ServerConnections.access(server);
                if (!isChecked(ServerSettings.of(server), access)) {
                    check(server, access);
                }
            });
        }
    }

    private synchronized boolean isChecked(ServerSettings server, Object access) {
        return access.equals(checked.get(server));
    }

    private synchronized void note(ServerSettings server, Object access, Optional<ServerProblem> trouble) {
        Set<ServerSettings> configured = ProxmoxConfiguration.get().getServers().stream()
                .map(ServerSettings::of)
                .collect(Collectors.toSet());
        conditions.keySet().retainAll(configured);
        checked.keySet().retainAll(configured);
        if (!configured.contains(server)) {
            // the configuration changed during the check
            return;
        }
        checked.put(server, access);
        if (trouble.isEmpty()) {
            conditions.remove(server);
            return;
        }
        Instant now = clock.instant();
        Condition before = conditions.get(server);
        conditions.put(server, new Condition(trouble.get(), before == null ? now : before.since, now));
    }

    /** The problems by server name, in the order of the configuration. Asks no server. */
    @NonNull
    synchronized Map<String, ServerProblem> troubles() {
        Map<String, ServerProblem> troubles = new LinkedHashMap<>();
        for (ProxmoxServer server : ProxmoxConfiguration.get().getServers()) {
            Condition condition = conditions.get(ServerSettings.of(server));
            if (condition != null && condition.counts()) {
                troubles.put(server.getName(), condition.trouble);
            }
        }
        return troubles;
    }

    synchronized void setClock(InstantSource clock) {
        this.clock = clock;
    }

    /** Checks shortly after servers, their credentials or the proxy were changed. */
    @Extension
    public static final class Reconfiguration extends SaveableListener {

        /** Off in tests, some of which count requests. */
        static boolean active = !Main.isUnitTest;

        @Override
        public void onChange(Saveable saved, XmlFile file) {
            if (active && ServerConnections.mayChangeWith(saved)) {
                Duration delay = Main.isUnitTest ? Duration.ZERO : AFTER_CHANGE;
                Timer.get().schedule(get()::checkChanged, delay.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }
}
