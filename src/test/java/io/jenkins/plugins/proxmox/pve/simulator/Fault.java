package io.jenkins.plugins.proxmox.pve.simulator;

import java.time.Duration;
import java.util.Map;
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
    record Answer(int status, String reason, String contentType, String body, Map<String, String> headers)
            implements Fault {

        /** The same with no other header. */
        public Answer(int status, String reason, String contentType, String body) {
            this(status, reason, contentType, body, Map.of());
        }
    }

    /** The request is carried out, but whatever stands in between gives that answer instead. */
    record AnswerInstead(Answer answer) implements Fault {}

    /** Nothing is done, and Proxmox VE answers that error, in the form of its generation. */
    record Refuse(int status, String text) implements Fault {}

    /** The request is carried out, then Proxmox VE answers that error instead, in the form of its generation. */
    record AnswerAfter(int status, String text) implements Fault {}

    /** What stands in between asks for a login of its own. */
    record Challenge(String challenge) implements Fault {}

    /** Nothing is done and answered before {@code release}. */
    record Hold(CountDownLatch release) implements Fault {}

    /** The request is carried out, but not answered before {@code release}. */
    record HoldAnswer(CountDownLatch release) implements Fault {}

    /** The answer comes that much later. */
    record Delay(Duration duration) implements Fault {}
}
