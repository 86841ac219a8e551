package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.GuestUse;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.Role;
import io.jenkins.plugins.proxmox.pve.access.UserAccount;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.ConnectionReport.Rights;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import io.jenkins.plugins.proxmox.pve.http.HttpTimeouts;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimits;
import io.jenkins.plugins.proxmox.pve.threads.ProxmoxThreads;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Tests a connection step by step and reports what the identity can do. Sends only requests that change nothing. */
public final class ConnectionCheck {

    private static final Logger LOGGER = Logger.getLogger(ConnectionCheck.class.getName());

    /** The longest that a test takes. */
    public static final Duration LONGEST = Duration.ofSeconds(12);

    private static final ConcurrencyLimits<String> THREADS = new ConcurrencyLimits<>(ProxmoxThreads.pool(), 4);

    /** The share of {@link #LONGEST} that is reserved for an explanation, if one is needed. */
    private static final Duration FOR_EXPLANATION = Duration.ofSeconds(3);

    /** Anyone with rights on this path sees all users (PVE::API2::User). */
    private static final String USERS = "/access/groups";

    private final ProxmoxClient client;
    private final boolean verified;
    private final Duration longest;
    private final List<Evidence> lines = new ArrayList<>();
    private final List<Rights> rights = new ArrayList<>();
    private final List<GuestUse> uses = new ArrayList<>();

    private ConnectionCheck(ProxmoxClient client, boolean verified, Duration longest) {
        this.client = client;
        this.verified = verified;
        this.longest = longest;
    }

    /**
     * Tests a connection. Takes at most {@link #LONGEST} and never throws.
     *
     * @param verified whether the client checks the server's certificate
     */
    @NonNull
    public static ConnectionReport of(ProxmoxClient client, boolean verified) {
        return of(client, verified, LONGEST);
    }

    static ConnectionReport of(ProxmoxClient client, boolean verified, Duration longest) {
        return new ConnectionCheck(client, verified, longest).report();
    }

    /**
     * Timeouts that let a test find out why nothing answers before its own time is up, even if none of the addresses
     * answers.
     *
     * @param configured the timeouts of the server, which builds use; none of the result is longer
     * @param addresses how many addresses are tried one after the other
     */
    @NonNull
    public static HttpTimeouts timeouts(HttpTimeouts configured, int addresses) {
        Duration each = LONGEST.minus(FOR_EXPLANATION).dividedBy(addresses);
        return new HttpTimeouts(
                within(configured.connect(), each, Duration.ofSeconds(1)),
                within(configured.response(), each, HttpTimeouts.SHORTEST_RESPONSE));
    }

    private static Duration within(Duration configured, Duration share, Duration shortest) {
        return Collections.min(List.of(configured, Collections.max(List.of(share, shortest))));
    }

    private ConnectionReport report() {
        FutureTask<Diagnosis> checks = new FutureTask<>(MessageBundle.forThisReader(this::run));
        // a blocked read cannot be interrupted; the thread ends when the client is closed or times out
        THREADS.of(client.server()).execute(checks);
        Diagnosis trouble = null;
        try {
            trouble = checks.get(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            checks.cancel(false);
            note(Result.NOT_OK, "too-slow", facts());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            checks.cancel(false);
            note(Result.NOT_OK, "too-slow", facts());
        } catch (ExecutionException e) {
            LOGGER.log(Level.WARNING, "A connection could not be tested to the end", e.getCause());
            trouble = new Diagnosis(SafeText.line(String.valueOf(e.getCause())), null, List.of(), List.of());
        }
        synchronized (this) {
            return new ConnectionReport(lines, rights, uses, trouble);
        }
    }

    private Diagnosis run() {
        try {
            String version = client.version().version();
            note(verified ? Result.OK : Result.NOT_OK, verified ? "answers" : "answers-unverified", facts());
            note(Result.OK, "version", facts().detail(version));
            note(Result.OK, "accepted", facts());
            tellRights();
            return null;
        } catch (ProxmoxException e) {
            return new FailureExplainer(client, FOR_EXPLANATION).explain(e);
        }
    }

    private void tellRights() throws ProxmoxException {
        Permissions permissions = client.permissions();
        Listing<ListedGuest> guests = client.guests();
        long startable = guests.stream()
                .filter(guest -> permissions.allow(
                        "VM.PowerMgmt", "/vms/" + guest.location().vmid()))
                .count();
        if (permissions.isEmpty()) {
            note(Result.NOT_OK, "no-rights", facts());
        } else if (guests.isEmpty()) {
            note(Result.NOT_OK, "no-guests", facts());
        } else {
            note(startable > 0 ? Result.OK : Result.NOT_OK, "guests", facts().detail(guests.size(), startable));
        }
        if (!guests.leftOut().isEmpty()) {
            note(Result.UNKNOWN, "left-out", facts().detail(guests.leftOut().inWords()));
        }
        List<Role> roles = client.roles();
        if (!permissions.isEmpty()) {
            tell(GuestUse.of(
                    permissions, guests.stream().map(ListedGuest::location).toList(), roles));
        }
        for (String path : permissions.ownPaths()) {
            tell(new Rights(path, permissions.on(path), roleOf(roles, permissions.on(path))));
        }
        IdentityWarnings.about(client.identity(), permissions, account(permissions), Instant.now())
                .forEach(this::note);
    }

    /** The account of the user, or of the token's user, or null if the server does not show it. */
    @Nullable
    private UserAccount account(Permissions permissions) {
        String userId = facts().user();
        try {
            if (permissions.allow("Sys.Audit", USERS) || permissions.allow("User.Modify", USERS)) {
                return client.account(userId);
            }
            // a token does not see its own user; asking would only cost time
            List<UserAccount> seen = facts().isToken() ? List.of() : client.accounts();
            return seen.stream()
                    .filter(account -> account.userId().equals(userId))
                    .findFirst()
                    .orElse(null);
        } catch (ProxmoxException | IllegalArgumentException e) {
            LOGGER.log(Level.FINE, e, () -> "The account of " + userId + " could not be read");
            return null;
        }
    }

    private static String roleOf(List<Role> roles, Set<String> privileges) {
        return roles.stream()
                .filter(role -> role.privileges().equals(privileges))
                .map(Role::name)
                .findFirst()
                .orElse("");
    }

    private MessageArguments facts() {
        return MessageArguments.of(client.identity(), "");
    }

    private void note(Result result, String key, MessageArguments facts) {
        note(new Evidence(result, DiagnosisTexts.sentence("check." + key, facts)));
    }

    private synchronized void note(Evidence line) {
        lines.add(line);
    }

    private synchronized void tell(Rights on) {
        rights.add(on);
    }

    private synchronized void tell(List<GuestUse> all) {
        uses.addAll(all);
    }
}
