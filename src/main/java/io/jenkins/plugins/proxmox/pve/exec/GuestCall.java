package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.util.List;

/**
 * A short program in a guest, in ASCII.
 *
 * @param command the program and its arguments
 * @param input its standard input; null for nothing
 */
record GuestCall(List<String> command, @Nullable String input) {

    GuestCall {
        command = List.copyOf(command);
    }
}
