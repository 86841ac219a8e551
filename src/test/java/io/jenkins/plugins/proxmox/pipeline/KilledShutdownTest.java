package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * The process of the controller is killed while guests are stopped that ignored a shutdown with {@code forceStop: true}, and
 * started again: each request was sent once, and the guests are off.
 */
class KilledShutdownTest {

    private enum Kind implements KilledBuilds.Kind {
        /** Proxmox VE itself stops the guest, in the task of the shutdown. */
        BY_PROXMOX {
            @Override
            public String call(int vmid) {
                return "proxmoxVm action: 'shutdown', forceStop: true, vmid: " + vmid;
            }

            @Override
            public void prepare(KilledBuilds.Side side, int vmid) {
                side.add(vmid).running().ignoresShutdown();
            }

            @Override
            public void assertEnd(String task, KilledBuilds.Side side, int vmid) {
                assertThat(task, side.tasks(vmid), is(side.types(List.of("shutdown"))));
                assertThat(task, side.writes(vmid), is(1L));
                assertThat(task, side.cluster().guest(vmid).isRunning(), is(false));
            }
        },
        /** The HA manager does not stop a container, so the step does. */
        BY_THE_STEP {
            @Override
            public String call(int vmid) {
                return "proxmoxVm action: 'shutdown', forceStop: true, timeout: 30, vmid: " + vmid;
            }

            @Override
            public boolean isFor(KilledBuilds.Side side) {
                return side.isOfContainers();
            }

            @Override
            public void prepare(KilledBuilds.Side side, int vmid) {
                side.add(vmid).running().ignoresShutdown().inHaState("started");
            }

            @Override
            public Predicate<ReceivedRequest> request(int vmid) {
                return KilledBuilds.writing(vmid).and(request -> request.path().endsWith("/status/stop"));
            }

            /** The task of the shutdown only tells the HA manager, which is ignored. */
            @Override
            public void bring(KilledBuilds.Side side, int vmid) throws Exception {
                Eventually.holds(vmid + " is shut down", () -> !side.tasks(vmid).isEmpty());
                side.cluster().endTasks(vmid);
            }

            @Override
            public void assertEnd(String task, KilledBuilds.Side side, int vmid) {
                // the HA manager's own task does the second one
                assertThat(task, side.tasks(vmid), is(List.of("hastop", "hastop", "vzstop")));
                assertThat(task, side.writes(vmid), is(2L));
                assertThat(task, side.cluster().guest(vmid).isRunning(), is(false));
            }
        }
    }

    @RegisterExtension
    private final RealJenkinsExtension controller = new RealJenkinsExtension().withTimeout(600);

    @Test
    void buildsGoOnAndSendEachRequestOnce() throws Throwable {
        List<KilledBuilds.Side> sides = List.of(
                new KilledBuilds.Side(Generation.V9, "qemu"),
                new KilledBuilds.Side(Generation.V8, "lxc"),
                new KilledBuilds.Side(Generation.V9, "lxc"));
        try (KilledBuilds builds = new KilledBuilds(sides, Kind.values())) {
            builds.run(controller);
        }
    }
}
