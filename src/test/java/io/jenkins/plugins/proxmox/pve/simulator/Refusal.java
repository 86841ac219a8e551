package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** An answer with an error: what the simulated server raises where the real one dies. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final int status;
    final transient ObjectNode errors;
    final boolean withoutBody;

    private Refusal(int status, String text, ObjectNode errors, boolean withoutBody) {
        super(text);
        this.status = status;
        this.errors = errors;
        this.withoutBody = withoutBody;
    }

    /** An error of an API handler. */
    static Refusal of(int status, String text) {
        return new Refusal(status, text, null, false);
    }

    /** An error that carries no body at all: authentication, relaying. */
    static Refusal bare(int status, String text) {
        return new Refusal(status, text, null, true);
    }

    /** That error in the form that it has on the wire: authentication and relaying know no body. */
    static Refusal onTheWire(int status, String text) {
        return status == 401 || status >= 595 ? bare(status, text) : of(status, text);
    }

    static Refusal parameters(ObjectNode errors) {
        return new Refusal(400, "Parameter verification failed.", errors, false);
    }

    static Refusal permission(String path, String privileges) {
        return of(403, "Permission check failed (" + path + ", " + privileges + ")");
    }
}
