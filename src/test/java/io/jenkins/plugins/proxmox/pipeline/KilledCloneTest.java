package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * The process of the controller is killed while builds clone and delete guests, machines on one generation and containers
 * on the other, and started again: each request was sent once, and the guests are as the builds wanted them.
 */
class KilledCloneTest {

    private enum Kind implements KilledBuilds.Kind {
        /** Of a template of its own. */
        CLONE {
            @Override
            public String call(int vmid) {
                return "proxmoxClone template: " + vmid + ", vmid: " + cloneOf(vmid)
                        + ", full: true, cores: 2, start: true";
            }

            @Override
            public void prepare(KilledBuilds.Side side, int vmid) {
                side.add(vmid).template();
            }

            @Override
            public List<Integer> guests(int vmid) {
                return List.of(vmid, cloneOf(vmid));
            }

            @Override
            public void assertEnd(String task, KilledBuilds.Side side, int vmid) {
                SimulatedGuest clone = side.cluster().guest(cloneOf(vmid));
                assertThat(task, side.tasks(vmid), is(side.types(List.of("clone"))));
                assertThat(task, side.tasks(cloneOf(vmid)), is(side.types(List.of("start"))));
                assertThat(task, side.writes(vmid) + side.writes(cloneOf(vmid)), is(3L));
                assertThat(task, clone.isRunning(), is(true));
                assertThat(task, clone.configured("cores"), is("2"));
            }
        },
        /** Of a stopped guest, so that the deletion itself is interrupted. */
        DESTROY {
            @Override
            public String call(int vmid) {
                return "proxmoxDelete vmid: " + vmid + ", force: true";
            }

            @Override
            public void prepare(KilledBuilds.Side side, int vmid) {
                side.add(vmid);
            }

            @Override
            public boolean isConfirmed() {
                // what has its VMID after its task is another guest
                return false;
            }

            @Override
            public void assertEnd(String task, KilledBuilds.Side side, int vmid) {
                assertThat(task, side.tasks(vmid), is(side.types(List.of("destroy"))));
                assertThat(task, side.writes(vmid), is(1L));
                assertThat(task, side.cluster().guest(vmid), is(nullValue()));
            }
        },
        /** Of a running guest. */
        DELETE {
            @Override
            public String call(int vmid) {
                return "proxmoxDelete vmid: " + vmid + ", stop: true, force: true";
            }

            @Override
            public void prepare(KilledBuilds.Side side, int vmid) {
                side.add(vmid).running();
            }

            @Override
            public void assertEnd(String task, KilledBuilds.Side side, int vmid) {
                assertThat(task, side.tasks(vmid), is(side.types(List.of("stop", "destroy"))));
                assertThat(task, side.writes(vmid), is(2L));
                assertThat(task, side.cluster().guest(vmid), is(nullValue()));
            }
        };

        private static int cloneOf(int vmid) {
            return vmid + 500;
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
