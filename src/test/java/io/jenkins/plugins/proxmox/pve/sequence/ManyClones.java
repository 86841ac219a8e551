package io.jenkins.plugins.proxmox.pve.sequence;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.VmidReservations;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.guest.CloudInit;
import io.jenkins.plugins.proxmox.pve.guest.DeletionOperation;
import io.jenkins.plugins.proxmox.pve.guest.RemovalSequence;
import io.jenkins.plugins.proxmox.pve.guest.RemovalTerms;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.Trial;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;

/**
 * Fifty clones of one template at once by five identities of one controller, while another controller clones it as well;
 * and the deletion of all of them.
 */
public final class ManyClones implements AutoCloseable {

    /** How many clones the controller makes. */
    public static final int CLONES = 50;

    /** The template. */
    public static final int TEMPLATE = 9000;

    /** One of the other controller for so many of ours. */
    private static final int TO_ONE_OF_THE_OTHER = 5;

    private static final String THE_OTHER = "other@pve";

    /** How one makes a clone. */
    public interface Cloning {

        /** The VMID of the new guest. */
        int clone(ProxmoxClient client, int number) throws Exception;
    }

    /**
     * What came of it.
     *
     * @param clones how many the controller made
     * @param guests how many different guests were made, those of the other controller included
     * @param wanted how many there should be
     * @param vmidRequests the controller's requests for a free VMID
     * @param cloneRequests its requests to clone
     * @param left guests that are still there after the deletion
     * @param seconds until the last clone was there
     */
    public record Outcome(
            int clones, int guests, int wanted, long vmidRequests, long cloneRequests, int left, double seconds) {

        /** Its requests for a free VMID, per clone. */
        public double vmidRequestsPerClone() {
            return vmidRequests / (double) clones;
        }
    }

    private final Trial trial;
    private final List<ProxmoxClient> clients = new ArrayList<>();
    private final ProxmoxClient other;
    private final int clones;
    private final ExecutorService builds;

    /** Clones of a virtual machine. */
    public ManyClones(Generation generation) {
        this(generation, GuestType.QEMU, CLONES);
    }

    public ManyClones(Generation generation, GuestType type, int clones) {
        this.clones = clones;
        builds = Executors.newFixedThreadPool(clones + clones / TO_ONE_OF_THE_OTHER);
        trial = new Trial(generation);
        trial.cluster().timing(Duration.ofMillis(40), Duration.ofMillis(20), Duration.ofMillis(20));
        trial.cluster().newGuestsAppearAfter(Duration.ofMillis(20));
        trial.cluster().storage("local").clonesContainers();
        SimulatedGuest template = type == GuestType.LXC
                ? trial.cluster().container(TEMPLATE, "pve1", "golden")
                : trial.cluster().vm(TEMPLATE, "pve1", "golden");
        template.template();
        VmidReservations reservations = new VmidReservations();
        for (int i = 0; i < 5; i++) {
            clients.add(client("builder" + i + "@pve", reservations));
        }
        other = client(THE_OTHER, new VmidReservations());
    }

    private ProxmoxClient client(String user, VmidReservations reservations) {
        var access = trial.proxmox.access();
        access.user(user);
        access.role("Builder", "VM.Allocate,VM.Audit,VM.Clone,VM.Config.Options,Datastore.AllocateSpace,SDN.Use");
        access.grant("/", user, "Builder");
        String token = user + "!jenkins";
        return new ProxmoxClient(
                ExampleCluster.settings(trial.proxmox, ExampleCluster.token(token, access.token(token, false))),
                reservations);
    }

    /** As steps clone. */
    public static int bySequence(ProxmoxClient client, int number) throws Exception {
        return clone(client, "ours", number);
    }

    private static int clone(ProxmoxClient client, String controller, int number) throws Exception {
        CloneSettings settings = new CloneSettings(
                "clone-" + number,
                null,
                null,
                null,
                null,
                null,
                null,
                new TreeSet<>(),
                "",
                new CloneMark(controller, "job", number, "", controller + number, false, null, null),
                new CloneSettings.Hardware(null, null, null, new CloudInit(null, "", null, null)));
        OperationRequest cloning = OperationRequest.of(
                        new GuestSelector(TEMPLATE, null, null),
                        new CloneOperation(settings, false, Availability.RUNNING))
                .within(Duration.ofMinutes(2))
                .cancelsTask(true);
        CloneSequence sequence = new CloneSequence(cloning, settings, false, Availability.RUNNING);
        return WholeSequence.of(client, sequence, line -> {})
                .last()
                .guest()
                .location()
                .vmid();
    }

    /** Makes all clones at once, those of the other controller as steps do, and deletes them. */
    public Outcome run(Cloning cloning) throws Exception {
        int before = trial.client.guests().size();
        trial.proxmox.forgetRequests();
        List<Callable<Integer>> all = new ArrayList<>();
        for (int i = 0; i < clones; i++) {
            int number = i;
            all.add(() -> cloning.clone(clients.get(number % clients.size()), number));
        }
        for (int i = 0; i < clones / TO_ONE_OF_THE_OTHER; i++) {
            int number = i;
            all.add(() -> clone(other, "theirs", number));
        }
        long begun = System.nanoTime();
        Set<Integer> made = new TreeSet<>(outcomes(all));
        double seconds = (System.nanoTime() - begun) / 1e9;
        long vmidRequests = count(request -> request.path().equals("/cluster/nextid"));
        long cloneRequests = count(request -> request.path().endsWith("/clone"));
        delete(made);
        int left = trial.client.guests().size() - before;
        return new Outcome(clones, made.size(), all.size(), vmidRequests, cloneRequests, left, seconds);
    }

    private void delete(Set<Integer> vmids) throws Exception {
        List<Callable<Object>> deletions = new ArrayList<>();
        for (int vmid : vmids) {
            DeletionOperation operation = new DeletionOperation(RemovalTerms.named(null, true, false), false);
            OperationRequest deletion = OperationRequest.of(new GuestSelector(vmid, null, null), operation)
                    .within(Duration.ofMinutes(2));
            ProxmoxClient client = clients.get(vmid % clients.size());
            deletions.add(() -> WholeSequence.of(client, new RemovalSequence(deletion, operation, false), line -> {}));
        }
        outcomes(deletions);
    }

    private <T> List<T> outcomes(List<Callable<T>> tasks) throws Exception {
        List<T> outcomes = new ArrayList<>();
        for (Future<T> each : builds.invokeAll(tasks)) {
            outcomes.add(each.get());
        }
        return outcomes;
    }

    /** Requests of that kind that the other controller did not send. */
    private long count(Predicate<ReceivedRequest> which) {
        return trial.proxmox.requests().stream()
                .filter(which)
                .filter(request ->
                        !String.valueOf(request.headers().get("authorization")).contains(THE_OTHER))
                .count();
    }

    @Override
    public void close() throws IOException {
        builds.shutdownNow();
        for (ProxmoxClient each : clients) {
            each.close();
        }
        other.close();
        trial.close();
    }
}
