package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Whether the server accepted an identity before, and since when it has refused it. Thread-safe. */
final class CredentialsAcceptance {

    /** How long a node that has just started may refuse an identity that it accepted before. */
    static final Duration GRACE = Duration.ofMinutes(1);

    private final LongSupplier nanoClock;
    private boolean accepted;

    @CheckForNull
    private Long refusedSince;

    CredentialsAcceptance(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Records that the server has just accepted the identity. */
    synchronized void accepted() {
        accepted = true;
        refusedSince = null;
    }

    /** Whether the last answer to the identity was a refusal. */
    synchronized boolean isRefused() {
        return refusedSince != null;
    }

    /** The refusal, marked as temporary if the server accepted the identity shortly before. */
    synchronized AuthenticationFailedException refused(AuthenticationFailedException refusal) {
        long now = nanoClock.getAsLong();
        if (refusedSince == null) {
            refusedSince = now;
        }
        boolean lately = accepted && now - refusedSince < GRACE.toNanos();
        return lately && !(refusal instanceof SecondFactorRequiredException) ? refusal.ofAcceptedIdentity() : refusal;
    }
}
