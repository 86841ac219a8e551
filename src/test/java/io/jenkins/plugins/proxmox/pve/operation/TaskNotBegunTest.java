package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server under load that cannot begin the task of a request, or has begun it and cannot list it. */
@ParameterizedClass
@EnumSource(Generation.class)
class TaskNotBegunTest {

    private static final String NO_WORKER = "got no worker upid - start worker failed";

    @AutoClose
    private final Trial trial;

    TaskNotBegunTest(Generation generation) {
        trial = new Trial(generation);
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofMillis(100));
    }

    private void refuse(String text) {
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.Refuse(500, text));
    }

    @ParameterizedTest
    @CsvSource({
        "START,    100, qmstart",
        "STOP,     101, qmstop",
        "SHUTDOWN, 201, vzshutdown",
        "REBOOT,   101, qmreboot",
        "RESET,    101, qmreset",
        "START,    104, hastart"
    })
    void asksOnceMore(PowerAction action, int vmid, String task) throws Exception {
        refuse(NO_WORKER);
        OperationState end = trial.run(action, vmid);
        assertThat(end.changed(), is(true));
        assertThat(end.upid().type(), is(task));
        assertThat(trial.proxmox.writes(), hasSize(2));
        assertThat(trial.log, hasItem(containsString("could not begin the task")));
        assertThat(
                trial.log, hasItems("No task for the request has appeared on node pve1", "Sending the request again"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "starting worker failed: unable to create output file - No space left on device",
                "got strange worker upid ('' != 'UPID:pve1:0000') - start worker failed",
                "unable to fork worker - Cannot allocate memory",
                "unable to read process start time at /usr/share/perl5/PVE/RESTEnvironment.pm line 546."
            })
    void asksOnceMoreWhateverKeptTheTaskFromBeginning(String text) throws Exception {
        refuse(text);
        assertThat(trial.run(PowerAction.REBOOT, 101).status(), is("running"));
        assertThat("rebooted once", trial.cluster().taskTypes(101), contains("qmreboot"));
    }

    @Test
    void doesNotAskAgainWhenATaskRunsAllTheSame() throws Exception {
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.AnswerAfter(500, NO_WORKER));
        assertThat(trial.run(PowerAction.REBOOT, 101).status(), is("running"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void passesOnWhatProxmoxSaysTheSecondTime() {
        refuse(NO_WORKER);
        refuse(NO_WORKER);
        var rejected = assertThrows(RequestRejectedException.class, () -> trial.run(PowerAction.RESET, 101));
        assertThat(rejected.getMessage(), containsString(NO_WORKER));
        assertThat(trial.proxmox.writes(), hasSize(2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "can't lock file '/var/log/pve/tasks/.active.lock' - got timeout",
                "unable to open file '/var/log/pve/tasks/active.tmp.4711' - No space left on device",
                "close (rename) atomic file '/var/log/pve/tasks/active' failed: Input/output error"
            })
    void looksForATaskThatCouldNotBeListed(String text) throws Exception {
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.AnswerAfter(500, text));
        assertThat(trial.run(PowerAction.START, 100).status(), is("running"));
        assertThat("asked once", trial.proxmox.writes(), hasSize(1));
    }
}
