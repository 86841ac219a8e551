package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.RequestLimitException;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;

/**
 * The ticket of one login: obtained on demand, renewed before it expires, replaced when the server no longer accepts
 * it. If several threads need one, one of them logs in and the others wait for it.
 */
final class TicketSession {

    /** PVE::AccessControl: a ticket is valid for two hours. */
    static final Duration LIFETIME = Duration.ofHours(2);

    /** Renewed after half its lifetime, so that even after a long pause between two requests it is rarely expired. */
    static final Duration RENEW_AFTER = Duration.ofHours(1);

    /** How long a refused password is not tried again. */
    static final Duration REMEMBERED = Duration.ofMinutes(5);

    /**
     * The same during the {@linkplain CredentialsAcceptance#GRACE grace period} of a password that was accepted before.
     */
    static final Duration REMEMBERED_AT_FIRST = Duration.ofSeconds(30);

    /**
     * @param until by the clock of the session, nanoseconds
     */
    private record Refusal(AuthenticationFailedException failure, long until, RememberedRefusal memory) {}

    /**
     * @param userId its user as written by Proxmox VE, which may differ in case from the user at the login
     * @param value the cookie's value
     * @param csrfToken for the header of every write
     * @param obtainedAt by the clock of the session, nanoseconds
     */
    record Ticket(String userId, String value, String csrfToken, long obtainedAt) {
        @Override
        public String toString() {
            return "ticket";
        }
    }

    /** Requests a ticket from the server. The password may be an old ticket. */
    interface Login {
        Ticket with(String password) throws ProxmoxException;
    }

    private final String password;
    private final LongSupplier nanoClock;

    @CheckForNull
    private Ticket ticket;

    @CheckForNull
    private CompletableFuture<Ticket> underWay;

    /** The last refusal of the password itself; null if it has been accepted since. */
    @CheckForNull
    private Refusal refusal;

    private boolean wasAccepted;
    private long refusedSince;

    TicketSession(String password, LongSupplier nanoClock) {
        this.password = password;
        this.nanoClock = nanoClock;
    }

    /**
     * A ticket that should remain valid for a while.
     *
     * @param login obtains a ticket, if this thread is the one that logs in
     * @throws InterruptedIOException when the thread is interrupted while another one logs in
     * @throws AuthenticationFailedException when the server refuses, or did so in the last few minutes; then it is not
     *     asked
     */
    Ticket current(Login login) throws ProxmoxException, InterruptedIOException {
        Ticket current = null;
        while (current == null) {
            current = currentOrAwaited(login);
        }
        return current;
    }

    /** Null when the thread that logged in for this one had no requests left; this one may have some. */
    @CheckForNull
    private Ticket currentOrAwaited(Login login) throws ProxmoxException, InterruptedIOException {
        CompletableFuture<Ticket> pending;
        Ticket old;
        synchronized (this) {
            old = ticket;
            if (old != null && age(old).compareTo(RENEW_AFTER) < 0) {
                return old;
            }
            pending = underWay;
            if (pending == null) {
                tellFromMemory();
                underWay = new CompletableFuture<>();
            }
        }
        return pending == null ? logIn(login, old) : await(pending);
    }

    private void tellFromMemory() throws AuthenticationFailedException {
        Refusal last = refusal;
        if (last != null && nanoClock.getAsLong() - last.until < 0) {
            throw last.failure.toldFromMemory(last.memory);
        }
    }

    /** Makes the next login try the password even if it was refused shortly before. */
    synchronized void forgetRefusal() {
        refusal = null;
    }

    private synchronized void remember(AuthenticationFailedException failure) {
        long now = nanoClock.getAsLong();
        if (refusal == null) {
            refusedSince = now;
        }
        boolean atFirst = wasAccepted && now - refusedSince < CredentialsAcceptance.GRACE.toNanos();
        Duration kept = atFirst ? REMEMBERED_AT_FIRST : REMEMBERED;
        Instant moment = Instant.now();
        refusal = new Refusal(failure, now + kept.toNanos(), new RememberedRefusal(moment, moment.plus(kept)));
    }

    /** The last ticket that was obtained and not refused, still valid or not. */
    @CheckForNull
    synchronized Ticket last() {
        return ticket;
    }

    /** Discards {@code refused}, unless another thread has already replaced it. */
    synchronized void refused(Ticket refused) {
        if (refused.equals(ticket)) {
            ticket = null;
        }
    }

    private Duration age(Ticket t) {
        return Duration.ofNanos(nanoClock.getAsLong() - t.obtainedAt());
    }

    private Ticket logIn(Login login, @CheckForNull Ticket old) throws ProxmoxException {
        try {
            Ticket fresh = old == null || age(old).compareTo(LIFETIME) >= 0 ? withPassword(login) : renew(login, old);
            finish(fresh).complete(fresh);
            return fresh;
        } catch (ProxmoxException | RuntimeException | Error e) {
            finish(null).completeExceptionally(e);
            throw e;
        }
    }

    private Ticket renew(Login login, Ticket old) throws ProxmoxException {
        try {
            try {
                return login.with(old.value());
            } catch (AuthenticationFailedException e) {
                // it has expired by the server's clock, or the cluster has a new key
                return withPassword(login);
            }
        } catch (AuthenticationFailedException e) {
            throw e;
        } catch (ProxmoxException e) {
            // whatever went wrong with the login, the old ticket still works
            return old;
        }
    }

    private Ticket withPassword(Login login) throws ProxmoxException {
        try {
            return login.with(password);
        } catch (SecondFactorRequiredException e) {
            // the password is right
            throw e;
        } catch (AuthenticationFailedException e) {
            remember(e);
            throw e;
        }
    }

    private synchronized CompletableFuture<Ticket> finish(@CheckForNull Ticket fresh) {
        CompletableFuture<Ticket> done = underWay;
        underWay = null;
        ticket = fresh;
        if (fresh != null) {
            refusal = null;
            wasAccepted = true;
        }
        return done == null ? new CompletableFuture<>() : done;
    }

    @CheckForNull
    private static Ticket await(CompletableFuture<Ticket> pending) throws ProxmoxException, InterruptedIOException {
        try {
            return pending.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(Texts.of("login.interrupted"));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RequestLimitException) {
                return null;
            }
            if (e.getCause() instanceof ProxmoxException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
