package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What did not come from Proxmox VE says nothing of a request: it may have been carried out, so its task is looked for. */
@ParameterizedClass
@EnumSource(Generation.class)
class AnswerFromBetweenTest {

    @AutoClose
    private final Trial trial;

    AnswerFromBetweenTest(Generation generation) {
        trial = new Trial(generation);
    }

    private static Fault.Answer answer(int status, String reason, String body) {
        return new Fault.Answer(status, reason, "text/html", body);
    }

    private static Stream<Fault.Answer> answersFromBetween() {
        return Stream.of(
                answer(200, "OK", "<html>Log in</html>"),
                answer(302, "Found", ""),
                answer(401, "Unauthorized", "<html>Log in</html>"),
                answer(403, "Forbidden", "<html>Blocked</html>"),
                answer(408, "Request Time-out", "Too slow"),
                answer(413, "Request Entity Too Large", "<html>nginx</html>"),
                answer(421, "Misdirected Request", "Misdirected"),
                answer(429, "Too Many Requests", "Slow down"),
                answer(500, "Internal Server Error", "<html>nginx</html>"),
                answer(502, "Bad Gateway", "Bad Gateway"),
                answer(503, "Service Unavailable", "no healthy upstream"),
                answer(504, "Gateway Time-out", "<html>nginx</html>"),
                answer(522, "Connection timed out", ""),
                answer(524, "A Timeout Occurred", "error code: 524"),
                answer(524, "A Timeout Occurred", ""));
    }

    @ParameterizedTest
    @MethodSource("answersFromBetween")
    void findsTheTaskOfARequestThatWasCarriedOut(Fault.Answer answer) throws Exception {
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.AnswerInstead(answer));
        OperationState end = trial.run(PowerAction.START, 100);
        assertThat(end.status(), is("running"));
        assertThat("it was this request", end.changed(), is(true));
        assertThat(trial.proxmox.writes(), hasSize(1));
        assertThat(trial.log, hasItem(startsWith("The answer to the request was lost")));
    }

    @Test
    void asksAgainForWhatWasNotCarriedOut() throws Exception {
        trial.proxmox.inject(ReceivedRequest::isWrite, answer(429, "Too Many Requests", "Slow down"));
        OperationState end = trial.run(PowerAction.REBOOT, 101);
        assertThat(end.changed(), is(true));
        assertThat(trial.proxmox.writes(), hasSize(2));
        assertThat(trial.cluster().taskTypes(101), hasSize(1));
    }

    @Test
    void asksNoMoreThanOnceAgain() {
        for (int i = 0; i < 2; i++) {
            trial.proxmox.inject(ReceivedRequest::isWrite, answer(403, "Forbidden", "<html>Blocked</html>"));
        }
        var failure = assertThrows(GuestException.class, () -> trial.run(PowerAction.RESET, 101));
        assertThat(failure.getMessage(), containsString("the answer to the request was lost twice"));
        assertThat(trial.log, hasItem(containsString("403 Forbidden and a page that does not come from Proxmox VE")));
    }

    @ParameterizedTest
    @MethodSource("answersFromBetween")
    void waitsOnWhateverIsAnsweredToALook(Fault.Answer answer) throws Exception {
        for (Phase phase : new Phase[] {Phase.AWAIT_TASK, Phase.CONFIRM}) {
            OperationStateMachine operation = trial.operation(PowerAction.RESET, 101);
            OperationState waiting = Trial.until(phase, operation, OperationState.begin());
            trial.proxmox.inject(request -> true, answer);
            assertThat(operation.advance(waiting), is(waiting));
            assertThat(Trial.finish(operation, waiting).status(), is("running"));
        }
    }
}
