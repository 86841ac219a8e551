package io.jenkins.plugins.proxmox.soak;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.load.ControllerGauge;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster.TaskView;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.soak.Operation.Kind;
import io.jenkins.plugins.proxmox.soak.Operation.Target;
import io.jenkins.plugins.proxmox.soak.SoakedController.Begun;
import io.jenkins.plugins.proxmox.soak.SoakedController.Look;
import io.jenkins.plugins.proxmox.soak.SoakedController.Outcome;
import io.jenkins.plugins.proxmox.soak.SoakedController.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * Pipeline and freestyle builds do all that can be done with guests of two clusters, while requests, nodes, tokens and the
 * servers themselves fail at random, the configuration changes, and the controller is killed: {@code mvn -Psoak verify}.
 * Whenever a guest is at rest, it is compared with what its builds have said of it; in the end, so is every task.
 *
 * <p>{@code -Dsoak.minutes=2} is for a short one, {@code -Dsoak.seed=7} for the same choices once more.
 */
class Soak {

    private static final int MINUTES = Integer.getInteger("soak.minutes", 20);

    private static final long SEED = Long.getLong("soak.seed", System.nanoTime() & 0xFFFF_FFFFL);

    private static final Duration UNTIL_ALL_IS_OVER = Duration.ofMinutes(8);

    private static final Duration UNTIL_ALL_IS_BACK = Duration.ofMinutes(8);

    private static final Kind[] OF_MACHINES = {
        Kind.START,
        Kind.START_AND_WAIT,
        Kind.STOP,
        Kind.SHUTDOWN,
        Kind.REBOOT,
        Kind.SNAPSHOT,
        Kind.DELETE_SNAPSHOT,
        Kind.ROLLBACK,
        Kind.ROLLBACK_AND_START,
        Kind.EXEC,
        Kind.DESCRIBE,
        Kind.WITH,
        Kind.WITH_AND_STOP,
        Kind.WITH_SNAPSHOT
    };

    private static final Kind[] OF_CONTAINERS =
            Arrays.stream(OF_MACHINES).filter(kind -> kind != Kind.EXEC).toArray(Kind[]::new);

    private static final Kind[] UNDER_HA = {
        Kind.START, Kind.START_AND_WAIT, Kind.STOP, Kind.SHUTDOWN, Kind.WITH, Kind.WITH_AND_STOP
    };

    @RegisterExtension
    private final RealJenkinsExtension controller =
            new RealJenkinsExtension().javaOptions("-Xmx1g").withTimeout(0);

    /** The logs of all builds, and what commands leave behind. */
    private final Path folder = Path.of("target", "soak", String.valueOf(SEED)).toAbsolutePath();

    private final Random random = new Random(SEED);
    private final Map<String, ConfiguredProxmox> labs = new TreeMap<>();
    private final Map<String, Settings> settings = new TreeMap<>();
    private final List<SoakedGuest> guests = new ArrayList<>();
    private final Map<ConfiguredProxmox, Set<Integer>> others = new HashMap<>();
    private final Ledger ledger = new Ledger();
    private final List<String> wrong = new ArrayList<>();
    private final Map<String, Integer> events = new TreeMap<>();
    private final List<Runnable> later = new ArrayList<>();
    private final long begun = System.nanoTime();
    private List<String> leases = List.of();
    private int number;
    private int tokens;
    private Chaos chaos;

    @AfterEach
    void close() {
        labs.values().forEach(ConfiguredProxmox::close);
    }

    @Test
    void theClustersAreAsTheBuildsSay() throws Throwable {
        say("seed " + SEED + ", " + MINUTES + " minutes");
        FileUtils.deleteDirectory(folder.toFile());
        Files.createDirectories(folder);
        prepare("a", Generation.V9, 1000);
        prepare("b", Generation.V8, 2000);
        labs.forEach((name, lab) ->
                others.put(lab, new TreeSet<>(lab.proxmox.cluster().vmids())));
        chaos = new Chaos(
                random.nextLong(),
                List.copyOf(labs.values()),
                guests.stream().map(guest -> guest.target().vmid()).toList());
        controller.startJenkins();
        reconfigure();
        chaos.begin();
        storm();
        chaos.close();
        say("the storm is over");
        restoreSettings();
        until("all builds are over", UNTIL_ALL_IS_OVER, () -> guests.stream().allMatch(SoakedGuest::isIdle));
        until("all is back", UNTIL_ALL_IS_BACK, () -> {
            controller.runRemotely(SoakedController::tryAgain);
            return leases.isEmpty();
        });
        rest();
        check();
        calm();
        wrong.addAll(ledger.compare(
                tasks(), guests.stream().map(guest -> guest.target().vmid()).toList()));
        checkCommands();
        checkStrangers();
        ControllerGauge.Figures figures = controller.runRemotely(SoakedController::figures);
        report(figures);
        assertThat("seed " + SEED, wrong, is(empty()));
        assertThat("leases", controller.runRemotely(SoakedController::leases), is(empty()));
        assertThat("the list of leases on the disk", leaseFile(), is("{\"leases\":[]}"));
    }

    private void prepare(String name, Generation generation, int first) {
        ConfiguredProxmox lab = ConfiguredProxmox.unconfigured(generation);
        labs.put(name, lab);
        SimulatedCluster cluster = lab.proxmox.cluster();
        lab.proxmox.access().role("builder", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "builder");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "builder");
        lab.proxmox.latency(Duration.ofMillis(5));
        lab.proxmox.delayUnauthorized(Duration.ofSeconds(1));
        cluster.timing(Duration.ofMillis(900), Duration.ofMillis(1500), Duration.ofMillis(700));
        cluster.taskTakes("qmclone", Duration.ofSeconds(2));
        cluster.taskTakes("vzclone", Duration.ofSeconds(2));
        for (int i = 1; i <= 3; i++) {
            cluster.node("pve" + i, true);
        }
        cluster.vm(first + 900, "pve1", "golden").template();
        cluster.container(first + 901, "pve1", "golden-ct").template();
        for (int i = 0; i < 4; i++) {
            add(lab, target(name, first + 10 + i, "pve" + (1 + i % 3), false), 1, OF_MACHINES);
        }
        for (int i = 0; i < 2; i++) {
            add(lab, target(name, first + 20 + i, "pve" + (1 + i), true), 1, OF_CONTAINERS);
        }
        add(lab, target(name, first + 30, "pve2", false), 1, UNDER_HA).highlyAvailable();
        add(lab, target(name, first + 31, "pve3", true), 1, UNDER_HA).highlyAvailable();
        add(lab, target(name, first + 40, "pve2", false), 3, Kind.WITH).running();
        add(lab, target(name, first + 41, "pve1", true), 3, Kind.WITH);
        add(lab, cloned(name, first + 50, false), 1, Kind.CLONE, Kind.DELETE, Kind.WITH_TEMPLATE);
        add(lab, cloned(name, first + 51, false), 1, Kind.CLONE, Kind.DELETE, Kind.WITH_TEMPLATE);
        add(lab, cloned(name, first + 52, true), 1, Kind.CLONE, Kind.DELETE, Kind.WITH_TEMPLATE);
        settings.put(
                name,
                new Settings(
                        name,
                        lab.proxmox.address(),
                        "ci-" + name,
                        "jenkins@pve!ci",
                        lab.example.ciSecret(),
                        "",
                        lab.fingerprint(),
                        5,
                        20));
    }

    private static Target target(String server, int vmid, String node, boolean container) {
        return new Target(server, node, vmid, container, 0);
    }

    private static Target cloned(String server, int vmid, boolean container) {
        int first = vmid / 1000 * 1000;
        return new Target(server, "pve1", vmid, container, first + (container ? 901 : 900));
    }

    private SimulatedGuest add(ConfiguredProxmox lab, Target target, int lanes, Kind... kinds) {
        SimulatedGuest guest = null;
        if (target.template() == 0) {
            String name = "guest-" + target.vmid();
            SimulatedCluster cluster = lab.proxmox.cluster();
            guest = target.container()
                    ? cluster.container(target.vmid(), target.node(), name)
                    : cluster.vm(target.vmid(), target.node(), name);
            guest.snapshot(Operation.BASE).shutdownTakes(Duration.ofMillis(1200));
            guest.agent().answersAfter(Duration.ofSeconds(1));
            if (lanes > 1 && !target.container()) {
                guest.running();
            }
        }
        String marks = folder.resolve("marks-" + target.vmid()).toString();
        guests.add(new SoakedGuest(target, lab.proxmox.cluster(), lanes, marks, kinds));
        return guest;
    }

    /** Builds, changes of the configuration, aborted builds and kills, until the time is over. */
    private void storm() throws Throwable {
        long end = System.nanoTime() + Duration.ofMinutes(MINUTES).toNanos();
        boolean isShort = MINUTES < 6;
        long nextKill = soon(isShort ? 30 : 70, isShort ? 30 : 90);
        long nextChange = soon(5, 15);
        long nextAbort = soon(10, 20);
        long nextLine = soon(30, 1);
        while (System.nanoTime() - end < 0) {
            look(true);
            if (isOver(nextAbort)) {
                abortSomething();
                nextAbort = soon(5, 20);
            }
            if (isOver(nextChange)) {
                changeSomething();
                nextChange = soon(8, 20);
            }
            if (isOver(nextKill)) {
                kill();
                nextKill = soon(isShort ? 30 : 70, isShort ? 30 : 90);
            }
            if (isOver(nextLine)) {
                say(ledger.builds() + " builds, " + leases.size() + " leases, " + wrong.size() + " wrong, " + events);
                labs.values().forEach(lab -> lab.proxmox.forgetRequests());
                nextLine = soon(30, 1);
            }
            Thread.sleep(250);
        }
    }

    private long soon(int least, int more) {
        return System.nanoTime()
                + Duration.ofSeconds(least + random.nextInt(more)).toNanos();
    }

    private static boolean isOver(long moment) {
        return System.nanoTime() - moment > 0;
    }

    private void look(boolean withNewBuilds) throws Throwable {
        check();
        ArrayList<Order> orders = new ArrayList<>();
        List<SoakedGuest> used = new ArrayList<>();
        for (SoakedGuest guest : guests) {
            Order next = withNewBuilds ? guest.next(random, leases, number) : null;
            if (next != null) {
                number += next.operations().size();
                orders.add(next);
                used.add(guest);
            }
        }
        look(orders, used);
    }

    private void look(ArrayList<Order> orders, List<SoakedGuest> used) throws Throwable {
        ArrayList<Begun> running = new ArrayList<>();
        guests.forEach(guest -> running.addAll(guest.running()));
        Look look = controller.runRemotely(SoakedController::look, orders, running);
        // a build that has just begun may have borrowed something since
        leases = look.leases();
        for (Outcome outcome : look.over()) {
            SoakedGuest guest = guests.stream()
                    .filter(each -> each.running().contains(outcome.build()))
                    .findFirst()
                    .orElseThrow();
            Order order = guest.over(outcome);
            ledger.enter(outcome);
            Files.writeString(
                    folder.resolve(outcome.build().job() + "-" + outcome.build().number() + ".log"),
                    order.operations() + "\n" + outcome.result() + " " + outcome.description() + "\n"
                            + outcome.entries() + "\n" + outcome.log());
        }
        for (int i = 0; i < orders.size(); i++) {
            used.get(i).begun(look.begun().get(i), orders.get(i));
        }
    }

    /** Whether each guest that is at rest is as its builds say. */
    private void check() throws IOException {
        for (SoakedGuest guest : guests) {
            String complaint = guest.check(leases);
            if (complaint != null) {
                wrong.add(complaint);
                say("WRONG: " + complaint);
                Files.writeString(folder.resolve("wrong-" + wrong.size() + ".txt"), complaint + "\n" + history(guest));
            }
        }
    }

    /** All that there was with a guest: its tasks, and the logs of its builds in the order in which they ended. */
    private String history(SoakedGuest guest) throws IOException {
        String vmid = String.valueOf(guest.target().vmid());
        StringBuilder text = new StringBuilder();
        tasks().stream()
                .filter(task -> task.id().equals(vmid))
                .forEach(task -> text.append(task).append('\n'));
        List<Path> logs;
        try (var files = Files.list(folder)) {
            logs = files.filter(file -> file.getFileName().toString().matches("[a-z]+-" + vmid + "-.*log"))
                    .sorted(Comparator.comparingLong(file -> file.toFile().lastModified()))
                    .toList();
        }
        for (Path log : logs) {
            text.append(log.getFileName())
                    .append('\n')
                    .append(Files.readString(log))
                    .append('\n');
        }
        return text.toString();
    }

    private void count(String event) {
        events.merge(event, 1, Integer::sum);
    }

    private void abortSomething() throws Throwable {
        List<Begun> running = new ArrayList<>();
        guests.forEach(guest -> running.addAll(guest.running()));
        if (!running.isEmpty()) {
            controller.runRemotely(SoakedController::abort, running.get(random.nextInt(running.size())));
            count("build aborted");
        }
    }

    private void changeSomething() throws Throwable {
        String name = random.nextBoolean() ? "a" : "b";
        ConfiguredProxmox lab = labs.get(name);
        Settings now = settings.get(name);
        String byName = lab.proxmox.address();
        String byNumber = byName.replace("localhost", "127.0.0.1");
        switch (random.nextInt(5)) {
            case 0 -> {
                change(name, now.addresses(), now.ca(), 2 + random.nextInt(8), 10 + random.nextInt(30));
                count("time limits changed");
            }
            case 1 -> {
                // one in common with those before: otherwise, it counts as another server
                String[] forms = {byName, byName + ", " + byNumber, byNumber + ", " + byName};
                change(
                        name,
                        forms[random.nextInt(forms.length)],
                        now.ca(),
                        now.connectTimeout(),
                        now.responseTimeout());
                count("addresses changed");
            }
            case 2 -> {
                boolean byCa = now.ca().isEmpty();
                change(
                        name,
                        now.addresses(),
                        byCa ? lab.proxmox.caPem() : "",
                        now.connectTimeout(),
                        now.responseTimeout());
                count("trust changed");
            }
            case 3 -> replaceToken(name);
            default -> rename(name);
        }
        reconfigure();
    }

    private void change(String name, String addresses, String ca, int connect, int response) {
        Settings now = settings.get(name);
        settings.put(
                name,
                new Settings(
                        now.name(),
                        addresses,
                        now.credentialsId(),
                        now.tokenId(),
                        now.secret(),
                        ca,
                        ca.isEmpty() ? labs.get(name).fingerprint() : "",
                        connect,
                        response));
    }

    /** The token is replaced by another one; the old one is deleted some time later. */
    private void replaceToken(String name) {
        Settings now = settings.get(name);
        ConfiguredProxmox lab = labs.get(name);
        String token = "jenkins@pve!ci" + ++tokens;
        String secret = lab.proxmox.access().token(token, false);
        settings.put(
                name,
                new Settings(
                        now.name(),
                        now.addresses(),
                        now.credentialsId(),
                        token,
                        secret,
                        now.ca(),
                        now.fingerprint(),
                        now.connectTimeout(),
                        now.responseTimeout()));
        later.add(() -> lab.proxmox.access().deleteToken(now.tokenId()));
        count("token replaced");
    }

    private void rename(String name) throws Throwable {
        Settings now = settings.get(name);
        put(name, now, "renamed-" + name);
        reconfigure();
        for (int i = 0; i < 20; i++) {
            look(false);
            Thread.sleep(250);
        }
        put(name, now, name);
        count("server renamed, and named as before");
    }

    private void put(String name, Settings now, String shown) {
        settings.put(
                name,
                new Settings(
                        shown,
                        now.addresses(),
                        now.credentialsId(),
                        now.tokenId(),
                        now.secret(),
                        now.ca(),
                        now.fingerprint(),
                        now.connectTimeout(),
                        now.responseTimeout()));
    }

    private void reconfigure() throws Throwable {
        List<Runnable> due = List.copyOf(later);
        later.clear();
        controller.runRemotely(SoakedController::configure, new ArrayList<>(settings.values()));
        // tokens that were replaced at the change before this one
        due.forEach(Runnable::run);
    }

    private void restoreSettings() throws Throwable {
        settings.replaceAll((name, now) -> new Settings(
                name,
                now.addresses(),
                now.credentialsId(),
                now.tokenId(),
                now.secret(),
                now.ca(),
                now.fingerprint(),
                5,
                20));
        reconfigure();
    }

    private void kill() throws Throwable {
        controller.stopJenkinsForcibly();
        Thread.sleep(random.nextInt(4000));
        // Jenkins would run builds once more that it began shortly before
        Files.deleteIfExists(controller.getHome().toPath().resolve("queue.xml"));
        controller.startJenkins();
        count("controller killed");
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds() throws Throwable;
    }

    private void until(String what, Duration most, Condition condition) throws Throwable {
        long deadline = System.nanoTime() + most.toNanos();
        long nextLine = soon(20, 1);
        while (true) {
            look(false);
            if (condition.holds()) {
                say(what);
                return;
            }
            if (isOver(nextLine)) {
                say("not yet: " + what + ", leases " + leases + ", running "
                        + guests.stream()
                                .flatMap(guest -> guest.running().stream())
                                .toList());
                nextLine = soon(20, 1);
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + most + ": " + what + " (seed " + SEED + ")\n"
                        + String.join("\n", controller.runRemotely(SoakedController::leases)) + "\n"
                        + guests.stream()
                                .flatMap(guest -> guest.running().stream())
                                .toList());
            }
            Thread.sleep(1000);
        }
    }

    private static void rest() throws InterruptedException {
        Thread.sleep(Duration.ofSeconds(Order.SECONDS_AFTER_FAILURE + 2).toMillis());
    }

    /** Once more with every guest, now that nothing goes wrong: all of it must succeed. */
    private void calm() throws Throwable {
        ArrayList<Order> orders = new ArrayList<>();
        for (SoakedGuest guest : guests) {
            orders.add(guest.last(number++));
        }
        int before = ledger.builds();
        look(orders, guests);
        until(
                "all work as if nothing had happened",
                UNTIL_ALL_IS_OVER,
                () -> guests.stream().allMatch(SoakedGuest::isIdle));
        assertThat(ledger.builds() - before, is(guests.size()));
        for (SoakedGuest guest : guests) {
            String log =
                    Files.readString(folder.resolve("last-" + guest.target().vmid() + "-1.log"));
            if (!log.contains("0:ok")) {
                wrong.add("failed although all was well: " + log);
            }
        }
        rest();
        until("all is back once more", UNTIL_ALL_IS_BACK, () -> leases.isEmpty());
        check();
    }

    private List<TaskView> tasks() {
        List<TaskView> tasks = new ArrayList<>();
        labs.values().forEach(lab -> tasks.addAll(lab.proxmox.cluster().allTasks()));
        return tasks;
    }

    /** Each command has run as often as its build says. */
    private void checkCommands() throws IOException {
        for (SoakedGuest guest : guests) {
            Path marks = folder.resolve("marks-" + guest.target().vmid());
            List<String> lines = Files.exists(marks) ? Files.readAllLines(marks) : List.of();
            guest.commands().forEach((operation, times) -> {
                int ran = (int) lines.stream().filter(operation.mark()::equals).count();
                if (!times.contains(ran)) {
                    wrong.add(operation + " has run " + ran + " times on " + guest + ", not " + times);
                }
            });
        }
    }

    /** No guest is left that nobody knows of. */
    private void checkStrangers() {
        labs.forEach((name, lab) -> {
            Set<Integer> left = new TreeSet<>(lab.proxmox.cluster().vmids());
            left.removeAll(others.get(lab));
            guests.forEach(guest -> left.remove(guest.target().vmid()));
            left.forEach(vmid -> wrong.add("guest " + vmid + " was left behind on " + name + ": "
                    + lab.proxmox.cluster().guest(vmid).configured("description")));
        });
    }

    private String leaseFile() throws IOException {
        return Files.readString(controller.getHome().toPath().resolve("proxmox-ve-leases.json"))
                .replaceAll("\\s", "");
    }

    private void report(ControllerGauge.Figures figures) {
        say("seed " + SEED + ": " + ledger.builds() + " builds, of which " + ledger.lostBuilds()
                + " went down before they were known; "
                + ledger.outcomes().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum() + " operations, " + tasks().size()
                + " tasks");
        ledger.outcomes().forEach((outcome, times) -> System.out.println("| " + outcome + " | " + times + " |"));
        System.out.println();
        events.forEach((event, times) -> System.out.println("| " + event + " | " + times + " |"));
        chaos.happened().forEach((event, times) -> System.out.println("| " + event + " | " + times + " |"));
        System.out.println("\nsince the last start of the controller: " + figures);
        wrong.forEach(each -> System.out.println("WRONG: " + each));
    }

    private void say(String text) {
        System.out.printf(
                "soak %4d s: %s%n", Duration.ofNanos(System.nanoTime() - begun).toSeconds(), text);
    }
}
