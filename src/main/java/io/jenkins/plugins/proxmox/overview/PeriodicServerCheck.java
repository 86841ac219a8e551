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
import io.jenkins.plugins.proxmox.pve.client.ConcurrencyLimits;
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
 * Checks in the background every 15 minutes whether the configured servers can be used, and remembers what was wrong.
 *
 * <p>What does not mend itself (a refused token, a changed certificate) counts at once. What may pass (no connection, a
 * server that is being restarted) counts when it is still so at least {@link #PATIENCE} after it began, which is at the
 * next check: one failed attempt alone is no news.
 */
@Extension
public final class PeriodicServerCheck extends AsyncPeriodicWork {

    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Duration PERIOD = Duration.ofMinutes(15);

    /** The first minutes of a controller belong to others. */
    private static final Duration FIRST_CHECK = Duration.ofMinutes(3);

    /** So that controllers that were restarted together do not check together. */
    private static final Duration JITTER = Duration.ofMinutes(4);

    /** After a change more changes follow: of credentials, of the next server. */
    private static final Duration AFTER_CHANGE = Duration.ofSeconds(20);

    /** One for each server, by its name, a second while one whose configuration was changed still hangs. */
    private static final ConcurrencyLimits<String> THREADS = new ConcurrencyLimits<>(ControllerThreads.pool(), 2);

    /** @param since when it began, as far as is known */
    private record Condition(ServerProblem trouble, Instant since, Instant checkedAt) {

        boolean counts() {
            return !trouble.mayPass() || Duration.between(since, checkedAt).compareTo(PATIENCE) >= 0;
        }
    }

    /** What is wrong. A server whose configuration was changed has no history. */
    private final Map<ServerSettings, Condition> conditions = new HashMap<>();

    /** With what each server was asked at its last check. */
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
        // for one who presses "Check again", what is being checked may have been asked before what was mended
        return true;
    }

    /** Checks all servers and notes each as soon as it is known. Returns when the slowest is. */
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

    /** Checks those servers in the background that are asked with something else than at their last check. */
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
            // changed while it was checked
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

    /** What is wrong with which server, by the names of the servers, in the order of the configuration. Asks nobody. */
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

    /** Checks a little after servers, their credentials or the proxy were changed. */
    @Extension
    public static final class Reconfiguration extends SaveableListener {

        /** Tests that count requests are not to be disturbed. */
        static boolean active = !Main.isUnitTest;

        @Override
        public void onChange(Saveable saved, XmlFile file) {
            if (active && ServerConnections.mayChangeWith(saved)) {
                Timer.get().schedule(get()::checkChanged, delay().toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        private static Duration delay() {
            return Main.isUnitTest ? Duration.ZERO : AFTER_CHANGE;
        }
    }
}
