package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.io.Serializable;

/**
 * How a command in a guest ended, or why it is to be ended.
 *
 * @param exitCode of a command that ended by itself
 * @param why of one that failed, in whole sentences; empty otherwise
 */
record ExecEnd(Kind kind, int exitCode, String why) implements Serializable {

    enum Kind {
        /** By itself. */
        EXITED,
        /** Nobody waits for it any more. */
        ABORTED,
        /** Its time is over, or the guest no longer has it. */
        FAILED
    }

    static final ExecEnd ABORTED = new ExecEnd(Kind.ABORTED, 0, "");

    @NonNull
    static ExecEnd exited(int code) {
        return new ExecEnd(Kind.EXITED, code, "");
    }

    @NonNull
    static ExecEnd failed(String why) {
        return new ExecEnd(Kind.FAILED, 0, why);
    }
}
