package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;

/** The fields by which a form says which guest is meant, on which server, as which identity. */
interface GuestFormValues {

    /** A number, or an expression for one such as {@code ${VMID}}. */
    @CheckForNull
    String getVmid();

    @CheckForNull
    String getName();

    @CheckForNull
    String getNode();

    /** Empty for the default. */
    @CheckForNull
    String getServer();

    /** Empty for those of the server. Not expanded here: a credentials parameter has rules of its own. */
    @CheckForNull
    String getCredentialsId();

    /** Seconds, or an expression for them. */
    String getTimeout();

    /**
     * True or false; or a text that is neither, which the build refuses: a job must be read whatever its file holds, and
     * a Pipeline that makes one of these must not fail with a stack trace.
     */
    Object getWaitForLock();

    /** As {@link #getWaitForLock}. */
    Object getCancelTask();
}
