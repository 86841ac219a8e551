package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;

/**
 * The end of a command in a guest.
 *
 * @param stdout null unless it was requested
 */
public record ExecResult(
        ObservedGuest guest, int exitCode, @Nullable String stdout) {}
