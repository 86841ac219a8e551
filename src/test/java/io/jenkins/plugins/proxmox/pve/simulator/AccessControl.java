package io.jenkins.plugins.proxmox.pve.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Users, tokens, tickets, roles and ACLs, with the rules of PVE::AccessControl: a deeper path overrides a shallower
 * one, and a token with privilege separation has the intersection of its own rights and its user's.
 */
public final class AccessControl {

    private static final Pattern TOKEN_HEADER = Pattern.compile("PVEAPIToken[= ](.*)", Pattern.DOTALL);
    private static final Pattern TOKEN_PARTS =
            Pattern.compile("([^\\s:/]+@[A-Za-z][A-Za-z0-9.\\-_]+)!([A-Za-z][A-Za-z0-9.\\-_]+)");

    private static final List<String> TOP_PATHS =
            List.of("/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms");

    private static final String ALL_PRIVILEGES =
            "Datastore.Allocate,Datastore.AllocateSpace,Datastore.AllocateTemplate,Datastore.Audit,Group.Allocate,"
                    + "Mapping.Audit,Mapping.Modify,Mapping.Use,Permissions.Modify,Pool.Allocate,Pool.Audit,"
                    + "Realm.Allocate,Realm.AllocateUser,SDN.Allocate,SDN.Audit,SDN.Use,Sys.AccessNetwork,Sys.Audit,"
                    + "Sys.Console,Sys.Incoming,Sys.Modify,Sys.PowerMgmt,Sys.Syslog,User.Modify,VM.Allocate,VM.Audit,"
                    + "VM.Backup,VM.Clone,VM.Config.CDROM,VM.Config.CPU,VM.Config.Cloudinit,VM.Config.Disk,"
                    + "VM.Config.HWType,VM.Config.Memory,VM.Config.Network,VM.Config.Options,VM.Console,VM.Migrate,"
                    + "VM.PowerMgmt,VM.Snapshot,VM.Snapshot.Rollback";

    /** A user of a realm. */
    static final class User {
        final String id;
        String password;
        boolean enabled = true;
        long expire;
        boolean secondFactor;
        final Map<String, Token> tokens = new TreeMap<>();

        User(String id) {
            this.id = id;
        }

        boolean isExpired() {
            return hasPassed(expire);
        }
    }

    private static boolean hasPassed(long expire) {
        return expire != 0 && expire < Instant.now().getEpochSecond();
    }

    /** An API token; {@code expire} in seconds since 1970, 0 for never. */
    record Token(String name, String secret, boolean privilegeSeparation, long expire) {}

    private record AclEntry(String path, String subject, String role, boolean propagate) {}

    private record Ticket(String userId, String csrfToken, long endNanos) {}

    /** Who sent a request: a user, by ticket or by one of the user's tokens. */
    record Identity(String userId, String tokenName) {
        boolean isToken() {
            return tokenName != null;
        }

        String id() {
            return isToken() ? userId + "!" + tokenName : userId;
        }
    }

    private final Generation generation;
    private final Map<String, String> realms = new LinkedHashMap<>(Map.of("pam", "pam", "pve", "pve"));
    private final Map<String, User> users = new TreeMap<>();

    /** Realms that do not care for the case of names. */
    private final Set<String> caseless = new HashSet<>();

    private final Map<String, Set<String>> roles = new TreeMap<>();

    /** The roles of Proxmox VE itself. */
    private final Set<String> builtIn = new TreeSet<>();

    private final List<AclEntry> acl = new ArrayList<>();

    /** Pools by the VMIDs of their guests. */
    private final Map<Integer, String> pools = new TreeMap<>();

    private final Set<String> poolNames = new TreeSet<>();

    private final Map<String, Ticket> tickets = new TreeMap<>();
    private long ticketLifetimeNanos = 2L * 3600 * 1_000_000_000;
    private int logins;

    AccessControl(Generation generation) {
        this.generation = generation;
        String agent = generation.guestAgentPrivileges();
        role("NoAccess", "");
        role(
                "PVEAuditor",
                "Datastore.Audit,Mapping.Audit,Pool.Audit,SDN.Audit,Sys.Audit,VM.Audit"
                        + (generation == Generation.V9 ? ",VM.GuestAgent.Audit" : ""));
        role("PVEDatastoreUser", "Datastore.AllocateSpace,Datastore.Audit");
        role("PVEPoolUser", "Pool.Audit");
        role("PVEPoolAdmin", "Pool.Allocate,Pool.Audit");
        role("PVESDNUser", "SDN.Audit,SDN.Use");
        role("PVETemplateUser", "VM.Audit,VM.Clone");
        role("PVEVMUser", "VM.Audit,VM.Backup,VM.Config.CDROM,VM.Config.Cloudinit,VM.Console,VM.PowerMgmt," + agent);
        role(
                "PVEVMAdmin",
                "VM.Allocate,VM.Audit,VM.Backup,VM.Clone,VM.Config.CDROM,VM.Config.CPU,VM.Config.Cloudinit,"
                        + "VM.Config.Disk,VM.Config.HWType,VM.Config.Memory,VM.Config.Network,VM.Config.Options,"
                        + "VM.Console,VM.Migrate,VM.PowerMgmt,VM.Snapshot,VM.Snapshot.Rollback,"
                        + (generation == Generation.V9
                                ? "VM.Replicate,VM.GuestAgent.Unrestricted," + agent
                                : "VM.Monitor"));
        role(
                "Administrator",
                ALL_PRIVILEGES
                        + (generation == Generation.V9 ? ",VM.GuestAgent.Unrestricted," + agent : ",VM.Monitor"));
        builtIn.addAll(roles.keySet());
        user("root@pam");
    }

    /** Defines a role by its comma-separated privileges. */
    public synchronized void role(String name, String privileges) {
        Set<String> set = new TreeSet<>(List.of(privileges.split(",")));
        set.remove("");
        roles.put(name, set);
    }

    /** Creates a user without password. */
    public synchronized void user(String userId) {
        users.put(userId, new User(userId));
    }

    public synchronized void password(String userId, String password) {
        users.get(userId).password = password;
    }

    /** Whoever logs in to that realm may write the own name in upper or lower case (PVE::Auth::AD). */
    public synchronized void ignoreCase(String realm) {
        caseless.add(realm);
    }

    private String canonical(String userId) {
        boolean ignored = caseless.contains(userId.substring(userId.lastIndexOf('@') + 1));
        return ignored
                ? users.keySet().stream()
                        .filter(userId::equalsIgnoreCase)
                        .findFirst()
                        .orElse(userId)
                : userId;
    }

    public synchronized void disable(String userId) {
        users.get(userId).enabled = false;
    }

    /** The user's account has ended. */
    public void expire(String userId) {
        expire(userId, Instant.now().getEpochSecond() - 3600);
    }

    /** The user's account ends at {@code expire} (seconds since 1970, 0 for never). */
    public synchronized void expire(String userId, long expire) {
        users.get(userId).expire = expire;
    }

    public synchronized void requireSecondFactor(String userId) {
        users.get(userId).secondFactor = true;
    }

    /** Creates a token that never expires and returns its secret. */
    public String token(String tokenId, boolean privilegeSeparation) {
        return token(tokenId, privilegeSeparation, 0);
    }

    /** Creates a token that expires at {@code expire} (seconds since 1970, 0 for never) and returns its secret. */
    public synchronized String token(String tokenId, boolean privilegeSeparation, long expire) {
        String name = tokenId.substring(tokenId.lastIndexOf('!') + 1);
        String secret = UUID.randomUUID().toString();
        users.get(tokenId.substring(0, tokenId.lastIndexOf('!')))
                .tokens
                .put(name, new Token(name, secret, privilegeSeparation, expire));
        return secret;
    }

    public synchronized void deleteToken(String tokenId) {
        users.get(tokenId.substring(0, tokenId.lastIndexOf('!')))
                .tokens
                .remove(tokenId.substring(tokenId.lastIndexOf('!') + 1));
    }

    /** Gives a user or a token a role on a path and below. */
    public void grant(String path, String userOrTokenId, String role) {
        grant(path, userOrTokenId, role, true);
    }

    /**
     * Gives a user or a token a role on a path, or changes whether it propagates to the paths below (PVE::API2::ACL).
     */
    public synchronized void grant(String path, String userOrTokenId, String role, boolean propagate) {
        if (!roles.containsKey(role)) {
            throw Refusal.of(500, "role '" + role + "' does not exist");
        }
        take(path, userOrTokenId, role);
        acl.add(new AclEntry(path, userOrTokenId, role, propagate));
    }

    /** Takes a role of a user or a token on a path, if it is given there. */
    public synchronized void take(String path, String userOrTokenId, String role) {
        acl.removeIf(e -> e.path.equals(path) && e.subject.equals(userOrTokenId) && e.role.equals(role));
    }

    /** Puts a guest into a pool. */
    public synchronized void pool(String pool, int vmid) {
        pool(pool);
        pools.put(vmid, pool);
    }

    /** Makes a pool, if there is none of that name. */
    public synchronized void pool(String pool) {
        poolNames.add(pool);
    }

    synchronized List<String> pools() {
        return List.copyOf(poolNames);
    }

    /** The pool of a guest, or null. */
    synchronized String poolOf(int vmid) {
        return pools.get(vmid);
    }

    synchronized void leavePool(int vmid) {
        pools.remove(vmid);
    }

    /** PVE::AccessControl, {@code remove_vm_access}: a guest is gone. */
    synchronized void forgetGuest(int vmid) {
        pools.remove(vmid);
        acl.removeIf(e -> e.path.equals("/vms/" + vmid));
    }

    synchronized boolean isBuiltIn(String role) {
        return builtIn.contains(role);
    }

    synchronized boolean exists(String userOrTokenId) {
        int bang = userOrTokenId.indexOf('!');
        User user = users.get(bang < 0 ? userOrTokenId : userOrTokenId.substring(0, bang));
        return user != null && (bang < 0 || user.tokens.containsKey(userOrTokenId.substring(bang + 1)));
    }

    /** The token with or without privilege separation. */
    synchronized void separate(String userId, String name, boolean separated) {
        Token old = users.get(userId).tokens.get(name);
        users.get(userId).tokens.put(name, new Token(name, old.secret, separated, old.expire));
    }

    /** Takes all roles of a user or a token on a path. */
    public synchronized void revoke(String path, String userOrTokenId) {
        acl.removeIf(e -> e.path.equals(path) && e.subject.equals(userOrTokenId));
    }

    /** From now on tickets live that long, and those given out so far have ended. */
    public synchronized void ticketLifetime(java.time.Duration lifetime) {
        ticketLifetimeNanos = lifetime.toNanos();
        tickets.clear();
    }

    /** All tickets given out so far are worth nothing any more. */
    public synchronized void endAllTickets() {
        tickets.clear();
    }

    /** How many logins with password or old ticket succeeded. */
    public synchronized int logins() {
        return logins;
    }

    synchronized Map<String, String> realms() {
        return new LinkedHashMap<>(realms);
    }

    synchronized Map<String, Set<String>> roles() {
        return new TreeMap<>(roles);
    }

    synchronized User userOf(String userId) {
        return users.get(userId);
    }

    /** PVE::API2::User: all of them with a right on the groups, else one's own, which a token has not. */
    synchronized List<User> usersSeenBy(Identity identity) {
        return users.values().stream()
                .filter(user -> mayAudit(identity) || user.id.equals(identity.id()))
                .toList();
    }

    /** PVE::API2::User, {@code read_user}: not even one's own without a right on the groups. */
    synchronized User userSeenBy(Identity identity, String userId) {
        if (!mayAudit(identity)) {
            throw Refusal.of(403, "Permission check failed");
        }
        return users.get(userId);
    }

    /** PVE::API2::User, {@code read_token}: a user those of its own, a token not even itself. */
    synchronized Token tokenSeenBy(Identity identity, String userId, String name) {
        if (!userId.equals(identity.id())
                && !privileges(identity, "/access/groups").contains("User.Modify")) {
            throw Refusal.of(403, "Permission check failed");
        }
        Token token = users.get(userId).tokens.get(name);
        if (token == null) {
            throw Refusal.of(500, "no such token '" + name + "' for user '" + userId + "'");
        }
        return token;
    }

    private boolean mayAudit(Identity identity) {
        Set<String> privileges = privileges(identity, "/access/groups");
        return privileges.contains("Sys.Audit") || privileges.contains("User.Modify");
    }

    /** A login: the ticket, or a {@link Refusal}. */
    synchronized Map<String, String> logIn(String givenUserId, String password) {
        String userId = canonical(givenUserId);
        User user = users.get(userId);
        Ticket old = tickets.get(password);
        boolean byTicket = old != null && isAlive(old) && old.userId.equals(userId);
        if (user == null
                || !user.enabled
                || user.isExpired()
                || !(byTicket || (user.password != null && user.password.equals(password)))) {
            throw Refusal.of(401, "authentication failure");
        }
        logins++;
        String stamp = String.format("%08X", Instant.now().getEpochSecond());
        String ticket = (user.secondFactor ? "PVE:!tfa!" : "PVE:") + userId + ":" + stamp + "::" + noise();
        String csrf = stamp + ":" + noise();
        if (!user.secondFactor) {
            tickets.put(ticket, new Ticket(userId, csrf, System.nanoTime() + ticketLifetimeNanos));
        }
        Map<String, String> data = new LinkedHashMap<>();
        data.put("username", userId);
        data.put("ticket", ticket);
        data.put("CSRFPreventionToken", csrf);
        return data;
    }

    private static boolean isAlive(Ticket ticket) {
        return ticket.endNanos - System.nanoTime() > 0;
    }

    private static String noise() {
        return Base64.getEncoder()
                .encodeToString((UUID.randomUUID() + "+/" + UUID.randomUUID()).getBytes(StandardCharsets.UTF_8));
    }

    /** Who sent this, or a {@link Refusal} as the real server words it. A cookie wins over a token header. */
    synchronized Identity authenticate(String authorization, String cookie, String csrfToken, boolean write) {
        if (cookie != null) {
            Ticket ticket = tickets.get(cookie);
            if (ticket == null || !isAlive(ticket)) {
                throw Refusal.bare(401, generation.refusal("permission denied - invalid PVE ticket"));
            }
            if (write && !ticket.csrfToken.equals(csrfToken)) {
                throw Refusal.bare(401, "Permission denied - invalid csrf token");
            }
            return new Identity(ticket.userId, null);
        }
        Matcher header = authorization == null ? null : TOKEN_HEADER.matcher(authorization);
        if (header == null || !header.matches() || header.group(1).isEmpty()) {
            throw Refusal.bare(401, "No ticket");
        }
        return tokenIdentity(header.group(1));
    }

    private Identity tokenIdentity(String credentials) {
        int equals = credentials.indexOf('=');
        if (equals < 0) {
            throw Refusal.bare(401, generation.refusal("no tokenid specified"));
        }
        String tokenId = credentials.substring(0, equals);
        Matcher parts = TOKEN_PARTS.matcher(tokenId);
        if (!parts.matches()) {
            throw Refusal.bare(
                    401,
                    generation.refusal(
                            "'" + tokenId + "' is not a valid token ID - not able to split into user and token parts"));
        }
        User user = users.get(parts.group(1));
        if (user == null) {
            throw Refusal.bare(401, generation.refusal("no such user ('" + parts.group(1) + "')"));
        }
        if (!user.enabled) {
            throw Refusal.bare(401, generation.refusal("user '" + user.id + "' is disabled"));
        }
        if (user.isExpired()) {
            throw Refusal.bare(401, generation.refusal("user '" + user.id + "' access expired"));
        }
        Token token = user.tokens.get(parts.group(2));
        if (token == null) {
            throw Refusal.bare(
                    401, generation.refusal("no such token '" + parts.group(2) + "' for user '" + user.id + "'"));
        }
        if (hasPassed(token.expire)) {
            throw Refusal.bare(401, generation.refusal("token '" + token.name + "' access expired"));
        }
        if (!token.secret.equals(credentials.substring(equals + 1))) {
            throw Refusal.bare(401, generation.refusal("invalid token value!"));
        }
        return new Identity(user.id, token.name);
    }

    /** The effective privileges on a path. */
    Set<String> privileges(Identity identity, String path) {
        return rights(identity, path).keySet();
    }

    /** The effective privileges on a path, and whether each propagates to the paths below. */
    synchronized Map<String, Boolean> rights(Identity identity, String path) {
        Map<String, Boolean> ofUser = new TreeMap<>();
        if (identity.userId.equals("root@pam")) {
            roles.get("Administrator").forEach(privilege -> ofUser.put(privilege, true));
        } else {
            ofUser.putAll(rightsOf(identity.userId, path));
        }
        if (!identity.isToken()) {
            return ofUser;
        }
        Token token = users.get(identity.userId).tokens.get(identity.tokenName);
        if (token == null) {
            return Map.of();
        }
        if (token.privilegeSeparation) {
            Map<String, Boolean> own = rightsOf(identity.id(), path);
            ofUser.keySet().retainAll(own.keySet());
            ofUser.replaceAll((privilege, propagates) -> propagates && own.get(privilege));
        }
        return ofUser;
    }

    /** PVE::RPCEnvironment, {@code compile_acl_path}: NoAccess outweighs all, and that of a pool all of the path. */
    private Map<String, Boolean> rightsOf(String subject, String path) {
        Map<String, Boolean> given = rolesOf(subject, path);
        String pool = path.matches("/vms/\\d+") ? pools.get(Integer.valueOf(path.substring("/vms/".length()))) : null;
        if (pool != null && !given.containsKey("NoAccess")) {
            Map<String, Boolean> ofPool = rolesOf(subject, "/pool/" + pool);
            if (ofPool.containsKey("NoAccess")) {
                given = Map.of("NoAccess", false);
            } else {
                for (String role : ofPool.keySet()) {
                    given.putIfAbsent(role, false);
                }
            }
        }
        Map<String, Boolean> rights = new TreeMap<>();
        given.forEach((role, propagates) -> roles.getOrDefault(role, Set.of())
                .forEach(privilege -> rights.merge(privilege, propagates, Boolean::logicalOr)));
        return rights;
    }

    /** PVE::AccessControl, {@code roles}: what is given on a deeper path replaces what comes down. */
    private Map<String, Boolean> rolesOf(String subject, String path) {
        Map<String, Boolean> effective = new TreeMap<>();
        for (String level : levels(path)) {
            List<AclEntry> here = acl.stream()
                    .filter(e -> e.path.equals(level) && e.subject.equals(subject))
                    .filter(e -> e.propagate || level.equals(path))
                    .toList();
            if (!here.isEmpty()) {
                effective.clear();
                here.forEach(e -> effective.put(e.role, e.propagate));
            }
        }
        if (effective.containsKey("NoAccess")) {
            effective.keySet().retainAll(Set.of("NoAccess"));
        }
        return effective;
    }

    /** {@code /}, {@code /vms}, {@code /vms/100}. */
    private static List<String> levels(String path) {
        List<String> levels = new ArrayList<>(List.of("/"));
        for (int i = path.indexOf('/', 1); i > 0; i = path.indexOf('/', i + 1)) {
            levels.add(path.substring(0, i));
        }
        if (!path.equals("/")) {
            levels.add(path);
        }
        return levels;
    }

    /** PVE::RPCEnvironment, {@code get_effective_permissions}: the top paths, those of every ACL, and guests of pools. */
    synchronized Set<String> paths() {
        Set<String> paths = new TreeSet<>(TOP_PATHS);
        acl.forEach(e -> paths.add(e.path));
        pools.keySet().forEach(vmid -> paths.add("/vms/" + vmid));
        return paths;
    }

    void require(Identity identity, String path, String privilege) {
        for (String any : privilege.split("\\|")) {
            if (privileges(identity, path).contains(any)) {
                return;
            }
        }
        throw Refusal.permission(path, privilege);
    }
}
