package io.jenkins.plugins.proxmox.pve.sequence;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.guest.CloudInit;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.Trial;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** A clone that is given up leaves nothing behind, wherever its request was at that moment. */
@ParameterizedClass
@CsvSource({"V8, QEMU", "V8, LXC", "V9, QEMU", "V9, LXC"})
class GivenUpCloneTest {

    private static final int TEMPLATE = 9000;

    private static final int CLONE = 107;

    @AutoClose
    private final Trial trial;

    private final GuestType type;
    private final Generation generation;
    private Duration timeout = Duration.ofSeconds(30);
    private boolean start;

    GivenUpCloneTest(Generation generation, GuestType type) {
        this.trial = new Trial(generation);
        this.generation = generation;
        this.type = type;
        SimulatedGuest template = type == GuestType.LXC
                ? trial.cluster().container(TEMPLATE, "pve1", "golden")
                : trial.cluster().vm(TEMPLATE, "pve1", "golden");
        template.template();
        trial.proxmox.access().role("Builder", "VM.Allocate,VM.Clone,Datastore.AllocateSpace,SDN.Use");
        for (String path : List.of("/storage", "/sdn")) {
            trial.proxmox.access().grant(path, "jenkins@pve", "Builder");
        }
    }

    @BeforeEach
    void isQuick() {
        trial.cluster().timing(Duration.ofMillis(40), Duration.ofMillis(20), Duration.ofMillis(20));
    }

    private CloneSequence sequence() {
        CloneSettings settings = new CloneSettings(
                "agent-1",
                null,
                null,
                null,
                null,
                true,
                null,
                new TreeSet<>(),
                "",
                new CloneMark("c0ffee", "folder/job", 12, "https://ci/job/12/", "one", false, null, null),
                new CloneSettings.Hardware(null, null, null, new CloudInit(null, "", null, null)));
        OperationRequest cloning = OperationRequest.of(
                        new GuestSelector(TEMPLATE, null, null),
                        new CloneOperation(settings, start, Availability.RUNNING))
                .within(timeout)
                .cancelsTask(true);
        return new CloneSequence(cloning, settings, start, Availability.RUNNING);
    }

    private WholeSequence begin() {
        return WholeSequence.begin(trial.client, sequence(), trial.log::add);
    }

    private void inject(Fault fault) {
        trial.proxmox.inject(request -> request.path().endsWith("/clone"), fault);
    }

    private void awaitLog(String text) throws Exception {
        Eventually.holds(text, () -> trial.log.stream().anyMatch(line -> line.contains(text)));
    }

    private void awaitRequest(String path) throws Exception {
        Eventually.holds(
                path,
                () -> trial.proxmox.requests().stream()
                        .anyMatch(request -> request.isWrite() && request.path().endsWith(path)));
    }

    private SimulatedGuest made() {
        return trial.cluster().guest(CLONE);
    }

    private long cloneRequests() {
        return trial.proxmox.writes().stream()
                .filter(write -> write.contains("/clone"))
                .count();
    }

    private String task(String name) {
        return (type == GuestType.LXC ? "vz" : "qm") + name;
    }

    private void assertAbortedWithoutTrace(WholeSequence whole) {
        assertThrows(CancellationException.class, whole::end);
        assertThat(made(), is(nullValue()));
        assertThat("sent once", cloneRequests(), is(1L));
    }

    @Test
    void beforeTheServerHasBegun() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        inject(new Fault.Hold(release));
        try (WholeSequence whole = begin()) {
            awaitRequest("/clone");
            whole.abort();
            assertThat("the request is still on its way", whole.isOver(), is(false));
            release.countDown();
            assertAbortedWithoutTrace(whole);
        }
    }

    @Test
    void afterItWasMadeAndBeforeTheAnswer() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        inject(new Fault.HoldAnswer(release));
        try (WholeSequence whole = begin()) {
            Eventually.holds("it is made", () -> made() != null && made().configured("lock") == null);
            whole.abort();
            release.countDown();
            assertAbortedWithoutTrace(whole);
        }
    }

    @Test
    void whileNobodyKnowsWhetherTheRequestArrived() throws Exception {
        trial.cluster().taskTakes(task("clone"), Duration.ofSeconds(2));
        inject(new Fault.BreakAfter());
        try (WholeSequence whole = begin()) {
            awaitLog("The answer to the request was lost");
            whole.abort();
            assertAbortedWithoutTrace(whole);
            assertThat(trial.cluster().taskTypes(CLONE), is(List.of(task("destroy"))));
        }
    }

    @Test
    void whenTheRequestDidNotArrive() throws Exception {
        assumeTrue(generation == Generation.V9, "once is enough, it takes its time");
        inject(new Fault.BreakBefore());
        try (WholeSequence whole = begin()) {
            awaitLog("The answer to the request was lost");
            whole.abort();
            assertAbortedWithoutTrace(whole);
            assertThat(trial.log, hasItem("The request did not arrive, so there is nothing to remove"));
        }
    }

    @Test
    void whileItIsBeingCopied() throws Exception {
        trial.cluster().taskTakes(task("clone"), Duration.ofHours(1));
        try (WholeSequence whole = begin()) {
            awaitLog("Requested clone of");
            whole.abort();
            assertAbortedWithoutTrace(whole);
            assertThat(trial.log, hasItem(containsString("was cancelled")));
        }
    }

    @Test
    void whileItIsBeingStarted() throws Exception {
        start = true;
        trial.cluster().taskTakes(task("start"), Duration.ofSeconds(1));
        trial.proxmox.inject(request -> request.path().endsWith("/status/start"), new Fault.BreakAfter());
        try (WholeSequence whole = begin()) {
            awaitRequest("/status/start");
            whole.abort();
            assertAbortedWithoutTrace(whole);
        }
    }

    @Test
    void byTheEndOfItsTimeBeforeTheAnswer() throws Exception {
        assumeTrue(generation == Generation.V9, "once is enough, it takes its time");
        timeout = Duration.ofSeconds(1);
        CountDownLatch release = new CountDownLatch(1);
        inject(new Fault.Hold(release));
        trial.cluster().taskTakes(task("clone"), Duration.ofHours(1));
        try (WholeSequence whole = begin()) {
            awaitRequest("/clone");
            awaitLog("Timeout of 1 s");
            release.countDown();
            var failure = assertThrows(GuestException.class, whole::end);
            assertThat(failure.getMessage(), startsWith("Timeout of 1 s: could not clone "));
            assertThat(made(), is(nullValue()));
        }
    }

    @Test
    void alsoInAnotherProcess() throws Exception {
        trial.cluster().taskTakes(task("clone"), Duration.ofSeconds(2));
        inject(new Fault.BreakAfter());
        SequenceState saved;
        try (WholeSequence killed = begin()) {
            awaitLog("The answer to the request was lost");
            killed.abort();
            Eventually.holds("saved as given up", () -> killed.saved().settling());
            saved = killed.saved();
        }
        assertThat(made(), is(notNullValue()));
        try (WholeSequence next = WholeSequence.resume(trial.client, sequence(), saved, trial.log::add)) {
            assertAbortedWithoutTrace(next);
        }
    }

    @Test
    void leavesNothingToUndoWhenItWasRefused() {
        inject(new Fault.Refuse(500, "storage 'local' is disabled"));
        Exception refusal = assertThrows(Exception.class, () -> {
            try (WholeSequence whole = begin()) {
                whole.end();
            }
        });
        assertThat(refusal.getMessage(), containsString("storage 'local' is disabled"));
        assertThat(trial.proxmox.writes(), hasSize(1));
        assertThat(
                "nothing asks for the clone",
                trial.log.stream().filter(line -> line.contains("107")).toList(),
                hasSize(0));
    }
}
