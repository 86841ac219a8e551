package io.jenkins.plugins.proxmox.pve.operation;

/** What a guest shows of a request whose answer was lost, when no task of it is found. */
public enum Trace {
    /** Nothing: it was not carried out. */
    NONE,
    /** The guest is being changed, and its next state decides. */
    UNDECIDED,
    /** It was carried out. */
    CARRIED_OUT
}
