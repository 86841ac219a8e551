package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.RequestLimitException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;

/**
 * The ticket of one login: got when first needed, renewed before its end, got anew when the server no longer takes it.
 * However many threads need one, one of them logs in and the others wait for it.
 */
final class TicketSession {

    /** PVE::AccessControl: a ticket is valid for two hours. */
    static final Duration LIFETIME = Duration.ofHours(2);

    /** Renewed after half its life, so that even a long pause between two requests rarely meets an ended one. */
    static final Duration RENEW_AFTER = Duration.ofHours(1);

    /** How long a refused password is not tried again. */
    static final Duration REMEMBERED = Duration.ofMinutes(5);

    /** The same while a password that was accepted before has its {@linkplain IdentityAcceptance#GRACE time of grace}. */
    static final Duration REMEMBERED_AT_FIRST = Duration.ofSeconds(30);

    /**
     * @param until by the clock of the session, nanoseconds
     */
    private record Refusal(AuthenticationFailedException failure, long until, RememberedRefusal memory) {}

    /**
     * @param userId whose it is as Proxmox VE writes it, which may differ in case from what was logged in with
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

    /** Asks the server for a ticket; the password may be an old ticket. */
    interface Login {
        Ticket with(String password) throws ProxmoxException;
    }

    private final String password;
    private final LongSupplier nanoClock;

    @CheckForNull
    private Ticket ticket;

    @CheckForNull
    private CompletableFuture<Ticket> underWay;

    /** The last one of the password itself; null when it was accepted since. */
    @CheckForNull
    private Refusal refusal;

    private boolean wasAccepted;
    private long refusedSince;

    TicketSession(String password, LongSupplier nanoClock) {
        this.password = password;
        this.nanoClock = nanoClock;
    }

    /**
     * A ticket that should still serve for a while.
     *
     * @param login how to get one, if it is this thread that does
     * @throws InterruptedIOException when the thread is interrupted while another one logs in
     * @throws AuthenticationFailedException when the server refuses, or did so a few minutes ago: it is not asked then
     */
    Ticket current(Login login) throws ProxmoxException, InterruptedIOException {
        Ticket current = null;
        while (current == null) {
            current = currentOrAwaited(login);
        }
        return current;
    }

    /** Null when the thread that logged in for this one had no request left; this one may have. */
    @CheckForNull
    private Ticket currentOrAwaited(Login login) throws ProxmoxException, InterruptedIOException {
        CompletableFuture<Ticket> pending;
        Ticket old;
        synchronized (this) {
            old = ticket;
            if (old != null && age(old).compareTo(RENEW_AFTER) < 0) {
                return old;
            }
            if (underWay != null) {
                pending = underWay;
                old = null;
            } else {
                tellFromMemory();
                pending = null;
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

    /** The next one who needs a ticket tries the password, be it refused a moment ago. */
    synchronized void forgetRefusal() {
        refusal = null;
    }

    private synchronized void remember(AuthenticationFailedException failure) {
        long now = nanoClock.getAsLong();
        if (refusal == null) {
            refusedSince = now;
        }
        boolean atFirst = wasAccepted && now - refusedSince < IdentityAcceptance.GRACE.toNanos();
        Duration kept = atFirst ? REMEMBERED_AT_FIRST : REMEMBERED;
        Instant moment = Instant.now();
        refusal = new Refusal(failure, now + kept.toNanos(), new RememberedRefusal(moment, moment.plus(kept)));
    }

    /** The last ticket that was got and not refused, still valid or not. */
    @CheckForNull
    synchronized Ticket last() {
        return ticket;
    }

    /** Forgets {@code refused}, unless another thread has already replaced it. */
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
            Ticket fresh = old == null ? withPassword(login) : renew(login, old);
            finish(fresh).complete(fresh);
            return fresh;
        } catch (ProxmoxException | RuntimeException | Error e) {
            finish(null).completeExceptionally(e);
            throw e;
        }
    }

    private Ticket renew(Login login, Ticket old) throws ProxmoxException {
        boolean stillValid = age(old).compareTo(LIFETIME) < 0;
        try {
            if (stillValid) {
                try {
                    return login.with(old.value());
                } catch (AuthenticationFailedException e) {
                    // its end by the server's clock, or the cluster has a new key
                    return withPassword(login);
                }
            }
            return withPassword(login);
        } catch (AuthenticationFailedException e) {
            throw e;
        } catch (ProxmoxException e) {
            // whatever is the matter with the login, the old ticket still opens
            if (stillValid) {
                return old;
            }
            throw e;
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
