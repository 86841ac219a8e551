package io.jenkins.plugins.proxmox.lease;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.fault.FaultKind;
import io.jenkins.plugins.proxmox.pve.fault.FaultTarget;
import io.jenkins.plugins.proxmox.pve.fault.ServerFaults;
import io.jenkins.plugins.proxmox.pve.fault.StatusFaults;
import io.jenkins.plugins.proxmox.pve.fault.WireFaults;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Whatever goes wrong with the requests for a borrowed guest: it comes back once, and no lease is left. */
@WithJenkins
class FaultsDuringLeasesTest {

    private static final int FIRST_VMID = 2000;

    private static final Pattern STATUS =
            Pattern.compile("status (500|595|596) of Proxmox VE|status (502|503|504) of something in between");

    /** They last, or take as long as a timeout, or change what the guest is to be like in the end. */
    private static final Pattern LEFT_OUT =
            Pattern.compile("stalled.*|.*trickle.*|.*byte by byte|the guest is (?!migrated).*");

    private static final Set<String> OF_A_GUEST = Set.of(
            "the guest is migrated",
            "the configuration of the guest is busy for a moment",
            "the task is cancelled by somebody",
            "the task fails",
            "every answer closes its connection");

    private enum Form {
        STARTED("vmid: %d"),
        ROLLED_BACK("vmid: %d, snapshot: 'clean'"),
        CLONED("template: %d");

        private final String arguments;

        Form(String arguments) {
            this.arguments = arguments;
        }
    }

    /** A build that borrows a guest of its own, and the fault that it meets. */
    private record Borrower(Form form, GuestType type, FaultKind fault, int write, int vmid) {

        String name() {
            return "borrower-" + vmid;
        }

        Predicate<ReceivedRequest> place(SimulatedCluster cluster) {
            AtomicInteger writes = new AtomicInteger();
            return request -> request.isWrite() && isFor(request, cluster) && writes.incrementAndGet() == write;
        }

        private boolean isFor(ReceivedRequest request, SimulatedCluster cluster) {
            return request.path().contains("/" + vmid + "/")
                    || Stream.of(request.path().split("/"))
                            .filter(part -> part.matches("\\d+"))
                            .anyMatch(part -> isClone(cluster.guest(Integer.parseInt(part))));
        }

        /** Proxmox VE refuses only what it has not begun; but a node that does not answer may have begun. */
        boolean isCarriedOut() {
            boolean isRefused = fault.name().matches("status (500|595) of Proxmox VE");
            return vmid / 2 % 2 == 0 && !isRefused;
        }

        boolean isClone(SimulatedGuest guest) {
            return guest != null
                    && String.valueOf(guest.configured("description")).contains(name() + "\"");
        }

        @Override
        public String toString() {
            return form + " " + type + ", " + fault + " at write " + write;
        }
    }

    private static List<Borrower> borrowers() {
        List<FaultKind> faults = new ArrayList<>(WireFaults.all());
        StatusFaults.all().stream()
                .filter(fault -> STATUS.matcher(fault.name()).matches())
                .forEach(faults::add);
        ServerFaults.all().stream()
                .filter(fault -> OF_A_GUEST.contains(fault.name()))
                .forEach(faults::add);
        faults.removeIf(fault -> LEFT_OUT.matcher(fault.name()).matches());
        List<Borrower> borrowers = new ArrayList<>();
        for (FaultKind fault : faults) {
            for (Form form : Form.values()) {
                for (int write = 1; write <= 3; write++) {
                    int vmid = FIRST_VMID + borrowers.size();
                    GuestType type = vmid % 2 == 0 ? GuestType.QEMU : GuestType.LXC;
                    borrowers.add(new Borrower(form, type, fault, write, vmid));
                }
            }
        }
        return borrowers;
    }

    @Test
    void everyGuestComesBackOnce(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            prepare(lab);
            List<Borrower> borrowers = borrowers();
            List<WorkflowRun> builds = new ArrayList<>();
            for (Borrower each : borrowers) {
                builds.add(begin(jenkins, lab, each));
            }
            for (WorkflowRun each : builds) {
                jenkins.waitForCompletion(each);
            }
            untilNoLeaseIsLeft();
            List<String> complaints = new ArrayList<>();
            for (int i = 0; i < borrowers.size(); i++) {
                for (String complaint : complaints(borrowers.get(i), builds.get(i), lab.proxmox.cluster())) {
                    complaints.add(borrowers.get(i) + ": " + complaint + "\n" + JenkinsRule.getLog(builds.get(i)));
                }
            }
            assertThat(String.join("\n", complaints), complaints, is(empty()));
        }
    }

    /** Tries again at once, and longer than a request may be searched for. */
    private static void untilNoLeaseIsLeft() {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (!Leases.get().all().isEmpty()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("leases are left: " + Leases.get().all());
            }
            Leases.get().all().stream()
                    .filter(LeaseEntry::isParked)
                    .forEach(entry -> LeaseReturns.get().now(entry.id()));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    private static void prepare(ConfiguredProxmox lab) {
        SimulatedCluster cluster = lab.proxmox.cluster();
        cluster.node("pve2", true);
        cluster.timing(Duration.ofMillis(40), Duration.ofMillis(20), Duration.ofMillis(20));
        lab.proxmox.access().role("Builder", "VM.Allocate,VM.Clone,Datastore.AllocateSpace,SDN.Use");
        for (String path : List.of("/storage", "/sdn")) {
            lab.proxmox.access().grant(path, "jenkins@pve", "Builder");
        }
    }

    private static WorkflowRun begin(JenkinsRule jenkins, ConfiguredProxmox lab, Borrower borrower) throws Exception {
        SimulatedCluster cluster = lab.proxmox.cluster();
        SimulatedGuest guest = borrower.type() == GuestType.LXC
                ? cluster.container(borrower.vmid(), "pve1", "guest-" + borrower.vmid())
                : cluster.vm(borrower.vmid(), "pve1", "guest-" + borrower.vmid());
        switch (borrower.form()) {
            case STARTED -> guest.stopped();
            case ROLLED_BACK -> guest.snapshot("clean");
            case CLONED -> guest.template();
        }
        borrower.fault()
                .injection()
                .into(new FaultTarget(lab.proxmox, borrower.vmid()), borrower.place(cluster), borrower.isCarriedOut());
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, borrower.name());
        job.setDefinition(new CpsFlowDefinition(
                "withProxmoxVm(" + borrower.form().arguments.formatted(borrower.vmid())
                        + ", timeout: 60) { echo 'in the body' }",
                true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static List<String> complaints(Borrower borrower, WorkflowRun build, SimulatedCluster cluster)
            throws Exception {
        List<String> complaints = new ArrayList<>();
        String log = JenkinsRule.getLog(build);
        if (build.getResult() == Result.SUCCESS ? !log.contains("in the body") : !log.contains("ERROR: ")) {
            complaints.add("ended as " + build.getResult());
        }
        if (log.contains("Exception")) {
            complaints.add("has a stack trace");
        }
        if (borrower.form() == Form.CLONED) {
            IntStream.range(100, FIRST_VMID + 1000)
                    .filter(vmid -> borrower.isClone(cluster.guest(vmid)))
                    .forEach(vmid -> complaints.add("left the clone " + vmid));
            return complaints;
        }
        if (cluster.guest(borrower.vmid()).isRunning()) {
            complaints.add("left the guest running");
        }
        List<String> tasks = cluster.effectiveTaskTypes(borrower.vmid());
        for (String type : Set.copyOf(tasks)) {
            // a task that somebody cancels, that fails, or that is on the node which the guest has left is tried again
            boolean mayFail = borrower.fault().name().matches("the task .*|the guest is migrated");
            if (Collections.frequency(tasks, type) > (mayFail ? 2 : 1)) {
                complaints.add("did it twice: " + tasks);
            }
        }
        return complaints;
    }
}
