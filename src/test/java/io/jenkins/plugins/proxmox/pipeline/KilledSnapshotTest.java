package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * The process of the controller is killed while builds create, replace, delete and go back to snapshots, of a machine on
 * one generation and of a container on the other, and started again: each request was sent once, and the guests are as
 * the builds wanted them.
 */
class KilledSnapshotTest {

    /** Each with a running guest that has a snapshot named clean. */
    private enum Kind implements KilledBuilds.Kind {
        CREATE("action: 'create', snapshot: 'new'", List.of("clean", "new"), List.of("snapshot")),
        REPLACE(
                "action: 'create', snapshot: 'clean', ifExists: 'replace'",
                List.of("clean"),
                List.of("delsnapshot", "snapshot")),
        ROLLBACK("action: 'rollback', snapshot: 'clean', start: true", List.of("clean"), List.of("rollback", "start")),
        DELETE("action: 'delete', snapshot: 'clean'", List.of(), List.of("delsnapshot"));

        private final String arguments;
        private final List<String> snapshots;
        private final List<String> tasks;

        Kind(String arguments, List<String> snapshots, List<String> tasks) {
            this.arguments = arguments;
            this.snapshots = snapshots;
            this.tasks = tasks;
        }

        @Override
        public String call(int vmid) {
            return "proxmoxSnapshot " + arguments + ", vmid: " + vmid;
        }

        @Override
        public void prepare(KilledBuilds.Side side, int vmid) {
            side.add(vmid).snapshot("clean").running();
        }

        @Override
        public void assertEnd(String task, KilledBuilds.Side side, int vmid) {
            SimulatedGuest guest = side.cluster().guest(vmid);
            assertThat(task, side.tasks(vmid), is(side.types(tasks)));
            assertThat(task, side.writes(vmid), is((long) tasks.size()));
            assertThat(task, List.copyOf(guest.snapshots()), is(snapshots));
            assertThat(task, guest.isRunning(), is(true));
        }
    }

    @RegisterExtension
    private final RealJenkinsExtension controller = new RealJenkinsExtension().withTimeout(600);

    @Test
    void buildsGoOnAndSendEachRequestOnce() throws Throwable {
        try (KilledBuilds builds = new KilledBuilds(KilledBuilds.bothGenerations(), Kind.values())) {
            builds.run(controller);
        }
    }
}
