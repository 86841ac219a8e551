package io.jenkins.plugins.proxmox.pve.fault;

import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Something that goes wrong at one place in the course of an operation.
 *
 * @param ending what the operation may do about it
 * @param alsoInstead whether it may also happen instead of the request, which is not carried out then
 * @param withTicket whether the client logs in with a password
 */
public record FaultKind(String name, Ending ending, boolean alsoInstead, boolean withTicket, Injection injection) {

    /** What an operation may do about a fault. */
    public enum Ending {
        /** It is over after a moment, or harmless: the operation succeeds all the same. */
        SUCCESS,
        /** It lasts, or Proxmox VE has the right to say so: the operation succeeds or fails with a clear message. */
        SUCCESS_OR_ERROR
    }

    /** Prepares a server for the fault. */
    @FunctionalInterface
    public interface Injection {
        void into(FaultTarget target, Predicate<ReceivedRequest> when, boolean carriedOut);
    }

    /** That is written instead of the answer. */
    static FaultKind onTheWire(String name, Ending ending, Fault.WireScript script) {
        return new FaultKind(
                name,
                ending,
                true,
                false,
                (target, when, carriedOut) -> target.proxmox().inject(when, new Fault.OnTheWire(carriedOut, script)));
    }

    /** That is written instead of the answer to a request that was carried out. */
    static FaultKind afterwards(String name, Ending ending, Fault.WireScript script) {
        return new FaultKind(
                name,
                ending,
                false,
                false,
                (target, when, carriedOut) -> target.proxmox().inject(when, new Fault.OnTheWire(true, script)));
    }

    /** Another answer than that of the API. */
    static FaultKind answer(String name, Ending ending, Fault.Answer answer) {
        return new FaultKind(
                name,
                ending,
                true,
                false,
                (target, when, carriedOut) ->
                        target.proxmox().inject(when, carriedOut ? new Fault.AnswerInstead(answer) : answer));
    }

    /** An error of Proxmox VE's own, in the form of its generation. */
    static FaultKind refusal(int status, String text) {
        return new FaultKind(
                "status " + status + " of Proxmox VE",
                Ending.SUCCESS_OR_ERROR,
                true,
                false,
                (target, when, carriedOut) -> target.proxmox()
                        .inject(
                                when,
                                carriedOut ? new Fault.AnswerAfter(status, text) : new Fault.Refuse(status, text)));
    }

    /** Something that happens just before the request is carried out. */
    static FaultKind event(String name, Ending ending, Consumer<FaultTarget> event) {
        return new FaultKind(
                name,
                ending,
                false,
                false,
                (target, when, carriedOut) ->
                        target.proxmox().inject(when, new Fault.Meanwhile(() -> event.accept(target))));
    }

    /** The same for a client that logs in with a password. */
    FaultKind forTickets() {
        return new FaultKind(name, ending, alsoInstead, true, injection);
    }

    @Override
    public String toString() {
        return name;
    }
}
