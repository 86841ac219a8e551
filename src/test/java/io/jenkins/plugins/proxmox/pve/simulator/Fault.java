package io.jenkins.plugins.proxmox.pve.simulator;

import java.io.IOException;
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

    /** Something happens to the server just before the request is carried out. */
    record Meanwhile(Runnable event) implements Fault {}

    /**
     * Somebody else writes to the connection instead of the server, which closes it then.
     *
     * @param carriedOut whether the request is carried out before
     */
    record OnTheWire(boolean carriedOut, WireScript script) implements Fault {}

    /** What is written to a connection. */
    @FunctionalInterface
    interface WireScript {

        /**
         * @param answer the whole answer of the server, as bytes; one without data if the request was not carried out
         * @throws IOException when the client has closed the connection
         */
        void play(byte[] answer, OutputOnTheWire out) throws IOException;
    }

    /** The server's end of a connection. */
    interface OutputOnTheWire {

        /** Writes and flushes. */
        void write(byte[] bytes) throws IOException;

        /** Breaks the connection, as a firewall does that resets it. */
        void reset() throws IOException;

        /** Says nothing more, and returns when the client has closed the connection. */
        void stall() throws IOException;
    }
}
