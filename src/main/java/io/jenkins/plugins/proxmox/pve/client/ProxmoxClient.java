package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.PasswordWhitespace;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.Realm;
import io.jenkins.plugins.proxmox.pve.access.Role;
import io.jenkins.plugins.proxmox.pve.access.UserAccount;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailureTranslator;
import io.jenkins.plugins.proxmox.pve.http.HttpAnswer;
import io.jenkins.plugins.proxmox.pve.http.HttpTransport;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.RequestBudget;
import io.jenkins.plugins.proxmox.pve.http.RequestLimitException;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.model.ClusterResources;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.HaStatus;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.TaskSummary;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.Redaction;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.logging.Logger;

/**
 * The calls of the Proxmox VE API that this plugin makes, as one identity, to one cluster. Thread-safe and meant to be
 * shared: it keeps connections and the ticket of a login. Every call blocks until the answer arrives, and throws a
 * {@link ProxmoxException} when the call fails.
 */
public final class ProxmoxClient implements Closeable {

    private static final Logger LOGGER = Logger.getLogger(ProxmoxClient.class.getName());

    /** A server that invents entries must not flood the system log. */
    private static final int MOST_TOLD = 100;

    /** PVE::APIServer::Formatter: the cookie that carries a ticket. */
    private static final String TICKET_COOKIE = "PVEAuthCookie";

    private static final String CSRF_HEADER = "CSRFPreventionToken";

    /** How long the cluster's list of guests may lag behind a task, generously. */
    private static final long LATELY = TimeUnit.SECONDS.toNanos(30);

    private final HttpTransport transport;
    private final List<ServerAddress> addresses;
    private final Authentication authentication;
    private final LongSupplier nanoClock;
    private final RequestBudget budget;
    private final CredentialsAcceptance acceptance;
    private final VmidReservations reservations;

    @Nullable
    private final TicketSession session;

    /** Left-out entries of lists that were already written to the system log. */
    private final Set<String> toldLeftOut;

    /** When a change of each guest's state was last requested. */
    private final Map<Integer, Long> changed = new ConcurrentHashMap<>();

    /** Opens no connection yet. */
    public ProxmoxClient(ClientSettings settings) {
        this(settings, new VmidReservations());
    }

    /**
     * The same for one of several clients of a server.
     *
     * @param reservations shared by all clients of the server
     */
    public ProxmoxClient(ClientSettings settings, VmidReservations reservations) {
        this(settings, System::nanoTime, reservations);
    }

    ProxmoxClient(ClientSettings settings, LongSupplier nanoClock) {
        this(settings, nanoClock, new VmidReservations());
    }

    private ProxmoxClient(ClientSettings settings, LongSupplier nanoClock, VmidReservations reservations) {
        this.reservations = reservations;
        this.transport = new HttpTransport(settings.http(), AnswerReader::isWorthAnotherAddress);
        this.addresses = settings.addresses();
        this.authentication = settings.authentication();
        this.nanoClock = nanoClock;
        this.budget = RequestBudget.UNLIMITED;
        this.toldLeftOut = ConcurrentHashMap.newKeySet();
        this.acceptance = new CredentialsAcceptance(nanoClock);
        this.session =
                authentication instanceof TicketLogin login ? new TicketSession(login.password(), nanoClock) : null;
    }

    private ProxmoxClient(ProxmoxClient whole, RequestBudget budget) {
        this.reservations = whole.reservations;
        this.transport = whole.transport;
        this.addresses = whole.addresses;
        this.authentication = whole.authentication;
        this.nanoClock = whole.nanoClock;
        this.budget = budget;
        this.acceptance = whole.acceptance;
        this.session = whole.session;
        this.toldLeftOut = whole.toldLeftOut;
    }

    /**
     * A view of this client that sends at most {@code requests} requests. Every attempt counts: logins, retries, and
     * those to another address. After that, its calls throw a {@link RequestLimitException}. It shares connections and
     * the ticket with this client, and need not be closed.
     */
    public ProxmoxClient limitedTo(int requests) {
        return new ProxmoxClient(this, RequestBudget.of(requests));
    }

    /** The addresses of the server, in the order in which they are tried. */
    public List<ServerAddress> addresses() {
        return addresses;
    }

    /** The server: {@code host:port} of the first address. */
    public String server() {
        return addresses.get(0).toString();
    }

    /** Whether the server's last answer rejected the identity. Sends no request. */
    public boolean isRefused() {
        return acceptance.isRefused();
    }

    /** The identity: {@code user@realm} or {@code user@realm!name}. */
    public String identity() {
        return authentication.identity();
    }

    /**
     * Whether this identity started the task. A realm may ignore the case of names, so a task names the user as the
     * server writes it, not as it was typed at the login (PVE::AccessControl::lookup_username).
     */
    public boolean isOwn(Upid task) {
        TicketSession.Ticket ticket = session == null ? null : session.last();
        return task.user().equals(identity()) || ticket != null && task.user().equals(ticket.userId());
    }

    /**
     * Makes the next request try the password again, even if the server refused it in the last minutes. Otherwise such
     * a refusal is repeated from memory. Has no effect with a token, which failed attempts cannot lock.
     */
    public void forgetRefusedPassword() {
        if (session != null) {
            session.forgetRefusal();
        }
    }

    /** The form of the token's secret, or null when the client logs in with a password. */
    @Nullable
    public SecretShape secretShape() {
        return authentication instanceof ApiToken token ? SecretShape.of(token.secret()) : null;
    }

    /** What the password begins and ends with, or null when the client uses a token. */
    @Nullable
    public PasswordWhitespace passwordEnds() {
        return authentication instanceof TicketLogin login ? PasswordWhitespace.of(login.password()) : null;
    }

    /** The version of the answering node. Available to any valid identity. */
    public ServerVersion version() throws ProxmoxException {
        return get(ApiPath.of("version"), ServerVersion::from);
    }

    /** The nodes of the cluster. Available to any valid identity. */
    public Listing<NodeResource> nodes() throws ProxmoxException {
        return list(ApiPath.of("nodes"), NodeResource::from);
    }

    /** The guests that the identity may see (VM.Audit). */
    public Listing<ListedGuest> guests() throws ProxmoxException {
        return list(
                ApiRequest.get(ApiPath.of("cluster", "resources").with("type", "vm")),
                (data, date) -> ListedGuest.listFrom(data, date.get()));
    }

    /**
     * The nodes, and the guests that the identity may see (VM.Audit), with all known figures. The figures of a node
     * require Sys.Audit on it.
     */
    public ClusterResources resources() throws ProxmoxException {
        return ClusterResources.of(list(
                ApiRequest.get(ApiPath.of("cluster", "resources")),
                (data, date) -> ClusterResources.listFrom(data, date.get())));
    }

    /** The current state of the guest. Requires VM.Audit on {@code /vms/{vmid}}. */
    public GuestStatus status(GuestLocation guest) throws ProxmoxException {
        return call(
                ApiRequest.get(statusPath(guest, "current")),
                (data, date) -> GuestStatus.from(guest, data, date.get()));
    }

    /** The configuration of the guest. Requires VM.Audit on {@code /vms/{vmid}}. */
    public GuestConfig config(GuestLocation guest) throws ProxmoxException {
        return get(
                ApiPath.of("nodes", guest.node(), guest.type().apiName(), guest.vmid(), "config"), GuestConfig::from);
    }

    /**
     * Requests a power action. Requires VM.PowerMgmt on {@code /vms/{vmid}}.
     *
     * @param options further parameters of the call, such as {@code timeout}
     * @return the task that carries it out or, for a guest managed by HA, files the request
     */
    public Upid power(GuestLocation guest, PowerAction action, Map<String, String> options) throws ProxmoxException {
        noteChangeOf(guest.vmid());
        return call(
                ApiRequest.post(statusPath(guest, action.apiName()), options),
                (data, date) -> Upid.parse(data.asText()));
    }

    /** The cluster's list may be wrong about that guest for a while. */
    void noteChangeOf(int vmid) {
        long now = nanoClock.getAsLong();
        changed.values().removeIf(asked -> now - asked > LATELY);
        changed.put(vmid, now);
    }

    /** Whether a change of that guest was requested so recently that the cluster's list may not show it yet. */
    public boolean hasChangedLately(int vmid) {
        Long asked = changed.get(vmid);
        return asked != null && nanoClock.getAsLong() - asked <= LATELY;
    }

    /** The calls about snapshots. */
    public SnapshotApi snapshots() {
        return new SnapshotApi(this);
    }

    /** The calls that make, configure and delete guests. */
    public ProvisioningApi provisioning() {
        return new ProvisioningApi(this, reservations);
    }

    private static ApiPath statusPath(GuestLocation guest, String leaf) {
        return ApiPath.of("nodes", guest.node(), guest.type().apiName(), guest.vmid(), "status", leaf);
    }

    /** Questions to running guests. */
    public AgentApi agent() {
        return new AgentApi(this);
    }

    /** Programs in virtual machines. */
    public ExecApi exec() {
        return new ExecApi(this);
    }

    /** The status of the HA manager. Requires Sys.Audit on {@code /}. */
    public HaStatus highAvailability() throws ProxmoxException {
        return get(ApiPath.of("cluster", "ha", "status", "current"), HaStatus::from);
    }

    /** The state of the task. Available to the identity that started it; others need Sys.Audit on the node. */
    public TaskStatus taskStatus(Upid task) throws ProxmoxException {
        return get(ApiPath.of("nodes", task.node(), "tasks", task.text(), "status"), TaskStatus::from);
    }

    /**
     * Lines of the task's log.
     *
     * @param start number of lines to skip at the beginning
     * @param limit maximum number of lines to read
     */
    public List<String> taskLog(Upid task, int start, int limit) throws ProxmoxException {
        ApiPath path = ApiPath.of("nodes", task.node(), "tasks", task.text(), "log")
                .with("start", start)
                .with("limit", limit);
        return list(path, ProxmoxClient::logLine);
    }

    private static String logLine(JsonNode json) {
        if (!json.path("t").isValueNode()) {
            throw new IllegalArgumentException(Texts.of("answer.no-line"));
        }
        return SafeText.singleLine(json.path("t").asText(""));
    }

    /** The identity's tasks for a guest on a node, running and ended, that began at or after {@code since}. */
    public List<TaskSummary> tasks(String node, int vmid, Instant since) throws ProxmoxException {
        ApiPath path = ApiPath.of("nodes", GuestLocation.requireNodeName(node), "tasks")
                .with("source", "all")
                .with("vmid", vmid)
                .with("since", since.getEpochSecond());
        return list(path, TaskSummary::from);
    }

    /** The running tasks of a guest on its node: the identity's own, or with Sys.Audit on the node all. */
    public List<TaskSummary> runningTasks(GuestLocation guest) throws ProxmoxException {
        ApiPath path = ApiPath.of("nodes", guest.node(), "tasks")
                .with("source", "active")
                .with("vmid", guest.vmid());
        return list(path, TaskSummary::from).stream()
                // an ended task stays there until it is archived
                .filter(task -> task.status().running())
                .toList();
    }

    /** The last lines of the task's log, at most {@code lines}. Only its first 500 lines are read. */
    public List<String> endOfTaskLog(Upid task, int lines) throws ProxmoxException {
        List<String> log = taskLog(task, 0, 500);
        return log.subList(Math.max(0, log.size() - lines), log.size());
    }

    /**
     * Tasks on a node, running and ended: the identity's own, or with Sys.Audit on the node all. Running tasks come
     * first, then ended ones, the latest first (PVE::API2::Tasks).
     *
     * @param since only tasks that began at or after it
     * @param limit maximum number of tasks
     * @param userId only tasks of this user and its tokens, empty for all
     */
    public List<TaskSummary> tasks(String node, Instant since, int limit, String userId) throws ProxmoxException {
        ApiPath path = ApiPath.of("nodes", GuestLocation.requireNodeName(node), "tasks")
                .with("source", "all")
                .with("since", since.getEpochSecond())
                .with("limit", limit);
        return list(userId.isEmpty() ? path : path.with("userfilter", userId), TaskSummary::from);
    }

    /**
     * Ends a running task; does nothing with an ended one. Available to its owner; others need Sys.Modify on the node.
     */
    public void cancelTask(Upid task) throws ProxmoxException {
        call(ApiRequest.delete(ApiPath.of("nodes", task.node(), "tasks", task.text())), (data, date) -> null);
    }

    /** The identity's own effective rights on all paths. Requires no privilege. */
    public Permissions permissions() throws ProxmoxException {
        return permissionsIn(ApiPath.of("access", "permissions"));
    }

    /** The identity's own effective rights on one ACL path, such as {@code /vms/100}. */
    public Permissions permissions(String aclPath) throws ProxmoxException {
        return permissionsIn(ApiPath.of("access", "permissions").with("path", aclPath));
    }

    /**
     * The effective rights of a user or token on one ACL path. Requires Sys.Audit on {@code /access}, except for the
     * identity itself or a token of the requesting user. A token needs it to ask about its own user.
     */
    public Permissions permissionsOf(String userOrTokenId, String aclPath) throws ProxmoxException {
        ApiPath path = ApiPath.of("access", "permissions")
                .with("userid", userOrTokenId)
                .with("path", aclPath);
        return permissionsIn(path);
    }

    private Permissions permissionsIn(ApiPath path) throws ProxmoxException {
        return Permissions.of(list(ApiRequest.get(path), (data, date) -> Permissions.listFrom(data)));
    }

    /**
     * A user with its tokens. Requires Sys.Audit or User.Modify on {@code /access/groups} or on a group of the user,
     * even for the identity's own user.
     */
    public UserAccount account(String userId) throws ProxmoxException {
        return get(ApiPath.of("access", "users", userId), user -> UserAccount.from(userId, user));
    }

    /** The users that the identity may see, without tokens. A user sees itself; a token does not even see its user. */
    public List<UserAccount> accounts() throws ProxmoxException {
        return list(ApiPath.of("access", "users"), UserAccount::listed);
    }

    /** All roles of the server, its own and those that administrators added. Available to any valid identity. */
    public List<Role> roles() throws ProxmoxException {
        return list(ApiPath.of("access", "roles"), Role::from);
    }

    /**
     * The realms of the cluster. The request is sent without authentication, so that it also works with a wrong one.
     */
    public List<Realm> realms() throws ProxmoxException {
        ApiRequest request = ApiRequest.get(ApiPath.of("access", "domains"));
        return told(
                request, exchange(request, Map.of(), new Redaction(), (data, date) -> Listing.of(data, Realm::from)));
    }

    /** Any other call. */
    public RawApi raw() {
        return new RawApi(this);
    }

    /** Removes all secrets of this client from texts, the password among them. */
    Redaction secrets() {
        if (!(authentication instanceof TicketLogin login)) {
            return redaction();
        }
        TicketSession.Ticket ticket = session.last();
        return ticket == null
                ? new Redaction(login.password())
                : new Redaction(login.password(), ticket.value(), ticket.csrfToken());
    }

    <T> T get(ApiPath path, Function<JsonNode, T> reader) throws ProxmoxException {
        return call(ApiRequest.get(path), (data, date) -> reader.apply(data));
    }

    <T> Listing<T> list(ApiPath path, Function<JsonNode, T> reader) throws ProxmoxException {
        return list(ApiRequest.get(path), (data, date) -> Listing.of(data, reader));
    }

    <T> Listing<T> list(ApiRequest request, Reader<Listing<T>> reader) throws ProxmoxException {
        return told(request, call(request, reader).with(redaction()));
    }

    /** Returns the list after it has logged, once, which entries were left out. */
    private <T> Listing<T> told(ApiRequest request, Listing<T> list) {
        for (String entry : list.leftOut().entries()) {
            if (toldLeftOut.size() < MOST_TOLD && toldLeftOut.add(entry)) {
                LOGGER.warning(() -> request + " on " + server() + ": left out of the list: " + entry);
            }
        }
        return list;
    }

    /** Removes this client's secrets from texts. */
    private Redaction redaction() {
        if (authentication instanceof ApiToken token) {
            return new Redaction(token.secret());
        }
        TicketSession.Ticket ticket = session.last();
        return ticket == null ? new Redaction() : new Redaction(ticket.value(), ticket.csrfToken());
    }

    /** Creates a value from the {@code data} of a good answer and the time of the answer. */
    interface Reader<T> {
        T read(JsonNode data, Supplier<Instant> date);
    }

    <T> T call(ApiRequest request, Reader<T> reader) throws ProxmoxException {
        try {
            T value = authenticated(request, reader);
            acceptance.accepted();
            return value;
        } catch (PermissionDeniedException e) {
            // a 403 means that the identity itself was accepted
            acceptance.accepted();
            throw e;
        } catch (AuthenticationFailedException e) {
            throw acceptance.refused(e);
        }
    }

    private <T> T authenticated(ApiRequest request, Reader<T> reader) throws ProxmoxException {
        if (session == null) {
            ApiToken token = (ApiToken) authentication;
            return exchange(
                    request, Map.of("Authorization", token.headerValue()), new Redaction(token.secret()), reader);
        }
        TicketSession.Ticket ticket = ticketFor(request);
        try {
            return callWith(ticket, request, reader);
        } catch (AuthenticationFailedException e) {
            // a 401 was not executed, so even a write may be sent again with a new ticket
            session.refused(ticket);
            return callWith(ticketFor(request), request, reader);
        }
    }

    private TicketSession.Ticket ticketFor(ApiRequest request) throws ProxmoxException {
        try {
            return session.current(this::logIn);
        } catch (InterruptedIOException e) {
            throw ConnectionFailureTranslator.of(request, addresses.get(0), null, false, e);
        }
    }

    private <T> T callWith(TicketSession.Ticket ticket, ApiRequest request, Reader<T> reader) throws ProxmoxException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Cookie", TICKET_COOKIE + "=" + ticket.value());
        if (request.isWrite()) {
            headers.put(CSRF_HEADER, ticket.csrfToken());
        }
        return exchange(request, headers, new Redaction(ticket.value(), ticket.csrfToken()), reader);
    }

    private <T> T exchange(ApiRequest request, Map<String, String> headers, Redaction redaction, Reader<T> reader)
            throws ProxmoxException {
        HttpAnswer answer = transport.send(request, headers, budget);
        return AnswerReader.read(request, answer, identity(), redaction, data -> reader.read(data, answer::givenAt));
    }

    private TicketSession.Ticket logIn(String password) throws ProxmoxException {
        String userId = authentication.identity();
        ApiRequest request = ApiRequest.login(userId, password);
        long now = nanoClock.getAsLong();
        HttpAnswer answer = transport.send(request, Map.of(), budget);
        Redaction redaction = new Redaction(password);
        JsonNode data = AnswerReader.read(request, answer, userId, redaction, Function.identity());
        if (data.path("NeedTFA").asInt() == 1) {
            throw new SecondFactorRequiredException(userId, AnswerReader.failureOf(request, answer, redaction));
        }
        String ticket = data.path("ticket").asText("");
        String csrfToken = data.path("CSRFPreventionToken").asText("");
        if (ticket.isEmpty() || csrfToken.isEmpty()) {
            throw AnswerReader.unexpected(request, answer, redaction, Texts.of("answer.no-ticket"));
        }
        return new TicketSession.Ticket(data.path("username").asText(userId), ticket, csrfToken, now);
    }

    /** Whether a request is under way. */
    public boolean isInUse() {
        return transport.isInUse();
    }

    /** Closes all connections. A limited view has none of its own. */
    @Override
    public void close() throws IOException {
        if (budget == RequestBudget.UNLIMITED) {
            transport.close();
        }
    }
}
