package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNotListedException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster.Knowledge;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A cluster that knows of no node that is online: its services were just restarted, or it has no quorum. */
@ParameterizedClass
@EnumSource(Generation.class)
class IgnorantClusterTest {

    @AutoClose
    private final Trial trial;

    IgnorantClusterTest(Generation generation) {
        trial = new Trial(generation);
        trial.cluster().node("pve3", true);
        trial.cluster().vm(130, "pve3", "elsewhere");
        trial.cluster().container(230, "pve3", "ct-elsewhere");
    }

    private static GuestSelector vmid(int vmid) {
        return new GuestSelector(vmid, null, null);
    }

    private static GuestSelector name(String name) {
        return new GuestSelector(null, name, null);
    }

    private String unknown(GuestSelector selector) {
        GuestFinder finder = new GuestFinder(trial.client);
        return assertThrows(GuestNotListedException.class, () -> finder.find(selector))
                .getMessage();
    }

    @ParameterizedTest
    @EnumSource(value = Knowledge.class, names = "ALL", mode = EnumSource.Mode.EXCLUDE)
    void findsAGuestOfTheNodeThatAnswers(Knowledge knowledge) throws Exception {
        trial.cluster().knows(knowledge);
        GuestFinder finder = new GuestFinder(trial.client);
        assertThat(finder.find(vmid(100)).location(), hasToString(containsString("pve1")));
        assertThat(finder.find(vmid(201)).location(), hasToString(containsString("pve1")));
        assertThat(trial.run(PowerAction.START, 100).status(), is("running"));
    }

    @ParameterizedTest
    @EnumSource(value = Knowledge.class, names = "ALL", mode = EnumSource.Mode.EXCLUDE)
    void doesNotSayThatThereIsNoSuchGuest(Knowledge knowledge) {
        trial.cluster().knows(knowledge);
        assertThat(
                unknown(vmid(999)),
                is("The cluster does not list guest 999, but it reports no node as online, so the guest may still"
                        + " exist. Run pvecm status on a node to see why."));
        assertThat(unknown(name("nothing")), startsWith("The cluster does not list guest \"nothing\", but it"));
        assertThat(
                unknown(new GuestSelector(999, null, "pve9")), containsString("not list guest 999 on node pve9, but"));
        assertThat(unknown(new GuestSelector(null, "nothing", "pve9")), containsString("on node pve9, but"));
    }

    @ParameterizedTest
    @EnumSource(value = Knowledge.class, names = "ALL", mode = EnumSource.Mode.EXCLUDE)
    void namesTheRightThatIsMissing(Knowledge knowledge) throws Exception {
        trial.cluster().knows(knowledge);
        try (ProxmoxClient limited = new ProxmoxClient(
                trial.example.settings(ExampleCluster.token("jenkins@pve!limited", trial.example.limitedSecret())))) {
            GuestFinder blind = new GuestFinder(limited);
            var denied = assertThrows(PermissionDeniedException.class, () -> blind.find(vmid(100)));
            assertThat(denied.aclPath(), is("/vms/100"));
        }
    }

    @Test
    void findsAGuestByTheNameThatOnlyItsNodeKnows() throws Exception {
        trial.cluster().knows(Knowledge.NO_STATISTICS);
        GuestFinder finder = new GuestFinder(trial.client);
        assertThat(finder.find(name("ct-elsewhere")), hasToString("CT 230 (ct-elsewhere) on node pve3"));
        trial.cluster().vm(131, "pve3", "elsewhere");
        var several = assertThrows(GuestException.class, () -> finder.find(name("elsewhere")));
        assertThat(several.getMessage(), startsWith("More than one guest is named \"elsewhere\""));
    }

    @Test
    void findsAGuestWhoseNameTheClusterHasForgottenThoughItsNodeIsOnline() throws Exception {
        trial.cluster().guest(130).withoutStatistics();
        assertThat(
                new GuestFinder(trial.client).find(name("elsewhere")), hasToString("VM 130 (elsewhere) on node pve3"));
    }

    @Test
    void doesNotSayThatThereIsNoSuchNode() {
        trial.cluster().knows(Knowledge.NOTHING);
        assertThat(
                unknown(new GuestSelector(999, null, "pve3")), containsString("not list guest 999 on node pve3, but"));
    }

    @ParameterizedTest
    @CsvSource({"pve3, 130", "pve3, 230"})
    void asksTheNodeThatIsMeant(String node, int vmid) throws Exception {
        trial.cluster().knows(Knowledge.NOTHING);
        assertThat(
                new GuestFinder(trial.client)
                        .find(new GuestSelector(vmid, null, node))
                        .location(),
                hasToString(containsString("pve3")));
    }

    @Test
    void doesNotConcludeFromNodesThatDoNotAnswer() {
        trial.cluster().silence("pve1");
        trial.cluster().silence("pve3");
        assertThat(
                unknown(vmid(999)),
                startsWith("The cluster does not list guest 999, and no node could be asked whether it exists"));
    }

    @Test
    void looksAgainUntilTheClusterKnowsMore() throws Exception {
        trial.cluster().knows(Knowledge.NOTHING);
        OperationStateMachine operation = trial.operation(PowerAction.START, 130);
        OperationState waiting = operation.advance(OperationState.begin());
        assertThat(waiting.phase(), is(Phase.FIND));
        assertThat(waiting.guest(), is(nullValue()));
        assertThat(waiting.waitsFor(), is("waiting until more is known about the cluster"));
        assertThat(operation.pause(waiting).isZero(), is(false));
        waiting = operation.advance(waiting);
        assertThat("told once", trial.log.size(), is(1));
        trial.cluster().knows(Knowledge.ALL);
        assertThat(Trial.finish(operation, waiting).status(), is("running"));
        assertThat(trial.log, hasItem("VM 130 (elsewhere) is on node pve3, stopped"));
    }

    @Test
    void saysWhereToLookWhenTheTimeIsOver() {
        trial.cluster().knows(Knowledge.NOTHING);
        OperationRequest start = trial.request(PowerAction.START, 130).within(Duration.ofSeconds(1));
        var failure = assertThrows(GuestException.class, () -> trial.run(start));
        assertThat(
                failure.getMessage(),
                is("Timeout of 1 s: could not start guest 130 in that time. State reached: unknown, still waiting until"
                        + " more is known about the cluster. Run pvecm status on a node to see why."));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void doesNotTakeAGuestForGoneThatWasThereAMomentAgo() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState request = Trial.until(Phase.REQUEST, operation, OperationState.begin());
        trial.cluster().knows(Knowledge.NOTHING);
        trial.cluster().guest(100).migrateTo("pve3");
        OperationState failed = Trial.until(Phase.FIND, operation, Trial.until(Phase.AWAIT_TASK, operation, request));
        OperationState waiting = operation.advance(failed);
        assertThat(waiting.waitsFor(), is("waiting until more is known about the cluster"));
        trial.cluster().knows(Knowledge.ALL);
        assertThat(Trial.finish(operation, waiting).guest().location().node(), is("pve3"));
    }

    @Test
    void waitsForAGuestThatIsNotListedWhileItsEndIsAwaited() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(300), Duration.ZERO);
        OperationStateMachine operation = trial.operation(PowerAction.START, 104);
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        trial.cluster().knows(Knowledge.NOTHING);
        trial.cluster().guest(104).migrateTo("pve3");
        assertThat("on its way", operation.advance(confirming), is(confirming));
        trial.cluster().knows(Knowledge.ALL);
        assertThat(Trial.finish(operation, confirming).guest().location().node(), is("pve3"));
    }

    @Test
    void waitsUntilHighAvailabilityBringsAGuestToAnotherNode() throws Exception {
        trial.cluster().vm(150, "pve2", "to-be-recovered").highlyAvailable();
        OperationStateMachine operation = trial.operation(PowerAction.START, 150);
        OperationState waiting = operation.advance(OperationState.begin());
        assertThat(
                waiting.waitsFor(),
                is("waiting until the HA manager moves VM 150 (to-be-recovered) from node pve2 to another one"));
        assertThat(
                trial.log.get(0),
                allOf(
                        startsWith("Node pve2 does not answer; waiting until the HA manager moves VM 150"),
                        containsString("595")));
        trial.cluster().guest(150).migrateTo("pve3");
        assertThat(Trial.finish(operation, waiting).status(), is("running"));
        assertThat(trial.log, hasItem("VM 150 (to-be-recovered) is on node pve3, stopped, managed by HA"));
    }
}
