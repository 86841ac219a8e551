package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.PasswordWhitespace;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.SecretShape;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.ClusterNode;
import io.jenkins.plugins.proxmox.pve.model.Permissions;
import io.jenkins.plugins.proxmox.pve.model.Realm;
import io.jenkins.plugins.proxmox.pve.model.Role;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import java.util.List;

/** What a diagnosis may ask the server, as the identity that failed. Nothing of it changes anything. */
public interface ServerProbe {

    /** Which server is asked, such as {@code pve1:8006}. */
    String server();

    /** Who asks: {@code user@realm} or {@code user@realm!name}. */
    String identity();

    /** What the token's secret looks like, or null when there is no token. Asks nobody. */
    @Nullable
    SecretShape secretShape();

    /** What the password begins and ends with, or null when there is none. Asks nobody. */
    @Nullable
    PasswordWhitespace passwordEnds();

    /** The realms; asked without authentication. */
    List<Realm> realms() throws ProxmoxException;

    /** The identity's own rights on one ACL path. */
    Permissions permissions(String aclPath) throws ProxmoxException;

    /** The identity's own rights on all paths. */
    Permissions permissions() throws ProxmoxException;

    /** The rights of a user on one ACL path; most tokens are not told those of their user. */
    Permissions permissionsOf(String userId, String aclPath) throws ProxmoxException;

    /** The roles of the server. */
    List<Role> roles() throws ProxmoxException;

    /** The nodes of the cluster. */
    List<ClusterNode> nodes() throws ProxmoxException;

    /** The version of the answering node. */
    ServerVersion version() throws ProxmoxException;

    /** The same, but it sends at most so many requests, every attempt counted; after that its questions fail. */
    ServerProbe limitedTo(int requests);

    /** Asks through {@code client}. */
    static ServerProbe of(ProxmoxClient client) {
        return new ServerProbe() {
            @Override
            public String server() {
                return client.server();
            }

            @Override
            public String identity() {
                return client.identity();
            }

            @Override
            public SecretShape secretShape() {
                return client.secretShape();
            }

            @Override
            public PasswordWhitespace passwordEnds() {
                return client.passwordEnds();
            }

            @Override
            public List<Realm> realms() throws ProxmoxException {
                return client.realms();
            }

            @Override
            public Permissions permissions(String aclPath) throws ProxmoxException {
                return client.permissions(aclPath);
            }

            @Override
            public Permissions permissions() throws ProxmoxException {
                return client.permissions();
            }

            @Override
            public Permissions permissionsOf(String userId, String aclPath) throws ProxmoxException {
                return client.permissionsOf(userId, aclPath);
            }

            @Override
            public List<Role> roles() throws ProxmoxException {
                return client.roles();
            }

            @Override
            public List<ClusterNode> nodes() throws ProxmoxException {
                return client.nodes();
            }

            @Override
            public ServerVersion version() throws ProxmoxException {
                return client.version();
            }

            @Override
            public ServerProbe limitedTo(int requests) {
                return of(client.limitedTo(requests));
            }
        };
    }
}
