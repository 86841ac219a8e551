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

/** The questions that a diagnosis can ask the server, as the identity that failed. None of them changes anything. */
public interface ServerProbe {

    /** The server that is asked, such as {@code pve1:8006}. */
    String server();

    /** The identity that asks: {@code user@realm} or {@code user@realm!name}. */
    String identity();

    /** The shape of the token's secret, or null if there is no token. Sends no request. */
    @Nullable
    SecretShape secretShape();

    /** What the password begins and ends with, or null if there is none. Sends no request. */
    @Nullable
    PasswordWhitespace passwordEnds();

    /** The realms; the request is sent without authentication. */
    List<Realm> realms() throws ProxmoxException;

    /** The identity's own rights on one ACL path. */
    Permissions permissions(String aclPath) throws ProxmoxException;

    /** The identity's own rights on all paths. */
    Permissions permissions() throws ProxmoxException;

    /** The rights of a user on one ACL path; most tokens cannot see those of their user. */
    Permissions permissionsOf(String userId, String aclPath) throws ProxmoxException;

    /** The roles of the server. */
    List<Role> roles() throws ProxmoxException;

    /** The nodes of the cluster. */
    List<ClusterNode> nodes() throws ProxmoxException;

    /** The version of the answering node. */
    ServerVersion version() throws ProxmoxException;

    /** This probe, limited to so many requests, counting every attempt; after that, its questions fail. */
    ServerProbe limitedTo(int requests);

    /** A probe that asks through {@code client}. */
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
