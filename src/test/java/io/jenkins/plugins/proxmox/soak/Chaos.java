package io.jenkins.plugins.proxmox.soak;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster.Knowledge;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What goes wrong in a cluster, at random: with single requests all the time, and now and then with the whole of it. */
final class Chaos implements AutoCloseable {

    private static final String ERROR_PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>";

    private final Random random;
    private final List<ConfiguredProxmox> labs;

    /** Guests that may be in a backup. */
    private final List<Integer> guests;

    private final Thread thread = new Thread(this::run, "chaos");
    private final Map<String, Integer> happened = new TreeMap<>();
    private volatile boolean over;

    Chaos(long seed, List<ConfiguredProxmox> labs, List<Integer> guests) {
        this.random = new Random(seed);
        this.labs = labs;
        this.guests = guests;
        thread.setDaemon(true);
    }

    void begin() {
        thread.start();
    }

    /** How often what has happened. */
    synchronized Map<String, Integer> happened() {
        return new TreeMap<>(happened);
    }

    private synchronized void count(String what) {
        happened.merge(what, 1, Integer::sum);
    }

    private void run() {
        long nextEvent = System.nanoTime();
        while (!over) {
            ConfiguredProxmox lab = labs.get(random.nextInt(labs.size()));
            if (System.nanoTime() - nextEvent > 0) {
                event(lab);
                nextEvent = System.nanoTime()
                        + Duration.ofMillis(4000 + random.nextInt(9000)).toNanos();
            } else {
                fault(lab.proxmox);
                pause(200 + random.nextInt(1300));
            }
        }
    }

    private void fault(SimulatedProxmox proxmox) {
        if (proxmox.pendingFaults() > 10) {
            proxmox.forgetFaults();
        }
        boolean write = random.nextInt(3) == 0;
        Predicate<ReceivedRequest> which = request -> request.isWrite() == write && !request.isLogin();
        Fault fault =
                switch (random.nextInt(10)) {
                    case 0, 1 -> new Fault.BreakBefore();
                    case 2, 3 -> new Fault.BreakAfter();
                    case 4 -> new Fault.CloseSilently();
                    case 5 -> new Fault.Delay(Duration.ofMillis(500 + random.nextInt(6000)));
                    case 6 -> badGateway();
                    case 7 -> new Fault.AnswerInstead(badGateway());
                    case 8 -> new Fault.Refuse(596, "Broken pipe");
                    default -> new Fault.Refuse(599, "Too many redirections");
                };
        proxmox.inject(which, fault);
        count((write ? "write " : "read ") + fault.getClass().getSimpleName());
    }

    private static Fault.Answer badGateway() {
        return new Fault.Answer(502, "Bad Gateway", "text/html", ERROR_PAGE, Map.of("Server", "nginx"));
    }

    private void event(ConfiguredProxmox lab) {
        SimulatedProxmox proxmox = lab.proxmox;
        String node = "pve" + (2 + random.nextInt(2));
        switch (random.nextInt(7)) {
            case 0 ->
                lasting("pveproxy restarted", 300 + random.nextInt(6000), proxmox::stopListening, proxmox::listenAgain);
            case 1 ->
                lasting(
                        "node down",
                        2000 + random.nextInt(20_000),
                        () -> proxmox.cluster().node(node, false),
                        () -> proxmox.cluster().node(node, true));
            case 2 ->
                lasting(
                        "node silent",
                        2000 + random.nextInt(12_000),
                        () -> proxmox.cluster().silence(node),
                        () -> proxmox.cluster().endSilence(node));
            case 3 ->
                lasting(
                        "quorum lost",
                        2000 + random.nextInt(18_000),
                        () -> proxmox.cluster().quorum(false),
                        () -> proxmox.cluster().quorum(true));
            case 4 -> {
                Knowledge[] all = Knowledge.values();
                Knowledge little = all[1 + random.nextInt(all.length - 1)];
                lasting(
                        "lists with " + little,
                        1000 + random.nextInt(8000),
                        () -> proxmox.cluster().knows(little),
                        () -> proxmox.cluster().knows(Knowledge.ALL));
            }
            case 5 -> {
                boolean isLong = random.nextInt(6) == 0;
                lasting(
                        "token refused" + (isLong ? " for longer than a minute" : ""),
                        isLong ? 75_000 : 2000 + random.nextInt(18_000),
                        () -> proxmox.access().expire("jenkins@pve"),
                        () -> proxmox.access().expire("jenkins@pve", 0));
            }
            default -> {
                SimulatedGuest guest = proxmox.cluster().guest(guests.get(random.nextInt(guests.size())));
                if (guest != null && guest.lock() == null) {
                    lasting("guest in backup", 2000 + random.nextInt(12_000), () -> guest.locked("backup"), () -> {
                        if ("backup".equals(guest.lock())) {
                            guest.locked(null);
                        }
                    });
                }
            }
        }
    }

    private void lasting(String what, long millis, Runnable begin, Runnable end) {
        count(what);
        begin.run();
        try {
            for (long left = millis; left > 0 && !over; left -= 100) {
                pause(Math.min(100, left));
            }
        } finally {
            end.run();
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** All is well again from now on. */
    @Override
    public void close() throws InterruptedException {
        over = true;
        if (thread.isAlive()) {
            thread.join();
        }
        labs.forEach(lab -> lab.proxmox.forgetFaults());
    }
}
