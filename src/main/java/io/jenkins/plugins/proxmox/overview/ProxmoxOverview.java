package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.ManagementLink;
import hudson.security.Permission;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.lease.MarkedClone;
import io.jenkins.plugins.proxmox.lease.Orphans;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Logger;
import jenkins.management.Badge;
import jenkins.model.Jenkins;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.HttpResponse;
import org.kohsuke.stapler.HttpResponses;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.StaplerProxy;
import org.kohsuke.stapler.verb.GET;
import org.kohsuke.stapler.verb.POST;

/**
 * The page <em>Manage Jenkins → Proxmox VE</em>, with the nodes and guests of each server. The page itself asks no
 * server; its script fetches the servers one by one.
 */
@Extension
@Symbol("proxmoxOverview")
public final class ProxmoxOverview extends ManagementLink implements StaplerProxy {

    private static final Logger LOGGER = Logger.getLogger(ProxmoxOverview.class.getName());

    /** How long to hold a request for a view that is not ready yet. Then the script asks again. */
    private static final Duration HOLD = Duration.ofSeconds(1);

    private final ServerViewCache views = new ServerViewCache(ServerViewQuery::about);

    @Override
    public String getDisplayName() {
        return Messages.ProxmoxOverview_displayName();
    }

    @Override
    public String getDescription() {
        return Messages.ProxmoxOverview_description();
    }

    @Override
    public String getIconFileName() {
        return "symbol-proxmox plugin-proxmox-ve";
    }

    @Override
    public String getUrlName() {
        return "proxmox-ve";
    }

    @NonNull
    @Override
    public Permission getRequiredPermission() {
        return Jenkins.MANAGE;
    }

    @NonNull
    @Override
    public Category getCategory() {
        return Category.STATUS;
    }

    /**
     * How many servers and borrowed guests need attention. This counts servers that cannot be used according to the
     * background check, guests that could not be put back, and copies of the list of borrowed guests that could not be
     * read, even if their warning was dismissed. It counts unverified servers unless their warning was dismissed, which
     * means that the risk is accepted.
     */
    @CheckForNull
    @Override
    public Badge getBadge() {
        if (!Jenkins.get().hasPermission(Jenkins.ADMINISTER)) {
            return null;
        }
        Set<String> servers = new HashSet<>(PeriodicServerCheck.get().troubles().keySet());
        if (UnverifiedServersMonitor.get().isEnabled()) {
            servers.addAll(UnverifiedServersMonitor.get().getServers());
        }
        int guests = BorrowedGuests.unreturned().size();
        int lists = Leases.get().unreadable().size();
        List<String> told = new ArrayList<>();
        if (!servers.isEmpty()) {
            told.add(Messages.ProxmoxOverview_troubles(servers.size()));
        }
        if (guests > 0) {
            told.add(Messages.ProxmoxOverview_unreturned(guests));
        }
        if (lists > 0) {
            told.add(Messages.ProxmoxOverview_unreadable());
        }
        String count = String.valueOf(servers.size() + guests + lists);
        return told.isEmpty() ? null : new Badge(count, String.join(". ", told), Badge.Severity.WARNING);
    }

    /** Checks the permission for the page and everything below it. */
    @Override
    public Object getTarget() {
        Jenkins.get().checkPermission(Jenkins.MANAGE);
        return this;
    }

    /** The servers in the order of the configuration, for the page. */
    @NonNull
    public List<ProxmoxServer> getServers() {
        return ProxmoxConfiguration.get().getServers();
    }

    /** The section with the guests that builds have borrowed. */
    @NonNull
    public BorrowedGuests getBorrowed() {
        return new BorrowedGuests();
    }

    /** Whether any certificate of the server is trusted, for the page. */
    public boolean isUnverified(ProxmoxServer server) {
        return ServerSettings.of(server).isUnverified();
    }

    /**
     * The view of a server as JSON; {@code pending} while it is being taken. Only reads, and rarely asks the server.
     */
    @GET
    public HttpResponse doServer(@QueryParameter String name) throws InterruptedException {
        Jenkins.get().checkPermission(Jenkins.MANAGE);
        ServerView view = views.of(server(name), HOLD);
        return new JsonResponse(
                view == null
                        ? ServerViewJson.pending()
                        : ServerViewJson.of(view, Jenkins.get().hasPermission(Jenkins.ADMINISTER)));
    }

    /** Begins taking a new view of a server. */
    @POST
    public HttpResponse doRefresh(@QueryParameter String name) {
        Jenkins.get().checkPermission(Jenkins.MANAGE);
        views.renew(server(name));
        return HttpResponses.ok();
    }

    /** Begins to remove an orphaned clone, as the last view of its server shows it. */
    @POST
    public HttpResponse doRemoveClone(
            @QueryParameter String name, @QueryParameter int vmid, @QueryParameter String mark)
            throws InterruptedException, ExecutionException, TimeoutException {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        MarkedClone orphan = views.of(server(name), ServerViewCache.PATIENCE) instanceof ServerView.Seen seen
                ? seen.clones().find(vmid, mark).filter(MarkedClone::isOrphan).orElse(null)
                : null;
        if (orphan == null) {
            throw HttpResponses.notFound();
        }
        Orphans.remove(name, orphan).get(BorrowedGuests.SECONDS_FOR_DISK, TimeUnit.SECONDS);
        LOGGER.info(() -> Messages.ProxmoxOverview_removes(
                Jenkins.getAuthentication2().getName(), orphan.guest(), name, orphan.build()));
        return HttpResponses.ok();
    }

    private ProxmoxServer server(String name) {
        List<ProxmoxServer> servers = getServers();
        views.keepOnly(servers);
        return servers.stream()
                .filter(server -> server.getName().equals(name))
                .findFirst()
                .orElseThrow(HttpResponses::notFound);
    }
}
