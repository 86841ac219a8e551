package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * The process of the controller is killed while builds configure, resize, start or remove the clones that they have made,
 * machines on one generation and containers on the other, and started again: each request was sent once, and the clones
 * are as the builds wanted them, or gone if one of their requests was refused.
 */
class KilledCloneConfigurationTest {

    private enum Kind implements KilledBuilds.Kind {
        CONFIGURE("/config"),
        RESIZE("/resize"),
        START("/status/start"),
        /** A clone that cannot be configured is removed. */
        UNDO("") {
            @Override
            public String script(String call) {
                return "try {\n" + call + "\n} catch (e) {\necho \"${e.message}\"\necho 'changed true'\n}";
            }

            @Override
            public void prepare(KilledBuilds.Side side, int vmid) {
                super.prepare(side, vmid);
                side.inject(CONFIGURE.request(vmid), new Fault.Refuse(500, "got no lock"));
            }

            @Override
            public Predicate<ReceivedRequest> request(int vmid) {
                String path = "/" + cloneOf(vmid);
                return request ->
                        request.method().equals("DELETE") && request.path().endsWith(path);
            }

            @Override
            public void assertEnd(String task, KilledBuilds.Side side, int vmid) {
                assertThat(task, side.tasks(vmid), is(side.types(List.of("clone"))));
                assertThat(task, side.tasks(cloneOf(vmid)), is(side.types(List.of("destroy"))));
                assertThat(task, side.count(request(vmid)), is(1L));
                assertThat(task, side.cluster().guest(cloneOf(vmid)), is(nullValue()));
            }
        };

        private final String call;

        Kind(String call) {
            this.call = call;
        }

        static int cloneOf(int vmid) {
            return vmid + 500;
        }

        @Override
        public String call(int vmid) {
            return "proxmoxClone template: " + vmid + ", vmid: " + cloneOf(vmid)
                    + ", full: true, cores: 2, diskSize: '64G', start: true";
        }

        @Override
        public void prepare(KilledBuilds.Side side, int vmid) {
            side.add(vmid).template();
        }

        @Override
        public Predicate<ReceivedRequest> request(int vmid) {
            String path = "/" + cloneOf(vmid) + call;
            return request -> request.isWrite() && request.path().endsWith(path);
        }

        /** The clone itself, and what comes before the request, end by themselves. */
        @Override
        public void bring(KilledBuilds.Side side, int vmid) throws Exception {
            Eventually.holds(this + " is asked", () -> {
                side.cluster().endTasks(vmid);
                if (this == START) {
                    side.cluster().endTasks(cloneOf(vmid));
                }
                return side.count(request(vmid)) > 0;
            });
        }

        @Override
        public boolean isConfirmed() {
            return false;
        }

        @Override
        public List<Integer> guests(int vmid) {
            return List.of(vmid, cloneOf(vmid));
        }

        @Override
        public void assertEnd(String task, KilledBuilds.Side side, int vmid) {
            SimulatedGuest clone = side.cluster().guest(cloneOf(vmid));
            assertThat(task, side.tasks(vmid), is(side.types(List.of("clone"))));
            for (Kind each : List.of(CONFIGURE, RESIZE, START)) {
                assertThat(task + ": " + each, side.count(each.request(vmid)), is(1L));
            }
            assertThat(task, clone.isRunning(), is(true));
            assertThat(task, clone.configured("cores"), is("2"));
            assertThat(
                    task,
                    clone.configured(side.isOfContainers() ? "rootfs" : "scsi0").contains("size=64G"),
                    is(true));
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
