package io.jenkins.plugins.proxmox.pve.simulator;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Something that goes wrong with one answer of the simulated server. */
public sealed interface Fault {

    /** The connection breaks before anything is done. */
    record BreakBefore() implements Fault {}

    /** The request is carried out, then the connection breaks instead of an answer. */
    record BreakAfter() implements Fault {}

    /** The answer is given whole, then the connection closes without having said so. */
    record CloseSilently() implements Fault {}

    /** Another answer than the API's is given, by whatever stands in between. */
    record Answer(int status, String reason, String contentType, String body) implements Fault {}

    /** The request is carried out, then that error is answered instead. */
    record AnswerAfter(int status, String reason) implements Fault {}

    /** What stands in between asks for a login of its own. */
    record Challenge(String challenge) implements Fault {}

    /** Nothing is done and answered before {@code release}. */
    record Hold(CountDownLatch release) implements Fault {}

    /** The request is carried out, but not answered before {@code release}. */
    record HoldAnswer(CountDownLatch release) implements Fault {}

    /** The answer comes that much later. */
    record Delay(Duration duration) implements Fault {}
}
