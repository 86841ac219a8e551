package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.CredentialsMatchers;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.security.ACL;
import java.util.List;

/**
 * Who uses a server, which decides which servers and which credentials there are: a build or, once the build is over, the
 * controller that puts back what the build borrowed.
 *
 * @param build null once it was deleted
 * @param job the job; the nearest folder that is left once it was deleted; null if there is none
 * @param returns whether it only puts something back, which it may do on any server
 */
public record ServerUser(
        @CheckForNull Run<?, ?> build, @CheckForNull Item job, boolean returns) {

    @NonNull
    public static ServerUser of(Run<?, ?> build) {
        return new ServerUser(build, build.getParent(), false);
    }

    /** The same user, who puts back what was borrowed when the server was still open to it. */
    @NonNull
    public ServerUser returning() {
        return new ServerUser(build, job, true);
    }

    /** The name of the server that it means, as {@link ProxmoxServers#nameOf}. */
    @NonNull
    public String nameOf(@CheckForNull String serverName) {
        return job == null ? Util.fixNull(serverName) : ProxmoxServers.nameOf(job, serverName);
    }

    /**
     * @param serverName null for the default
     * @throws AbortException when there is no such server, or the job may not use it
     */
    @NonNull
    ProxmoxServer server(@CheckForNull String serverName) throws AbortException {
        return returns || job == null
                ? ProxmoxServers.serverForReturn(job, serverName)
                : ProxmoxServers.server(job, serverName);
    }

    /**
     * The credentials with that ID in the scope of the build or of its job; null if there are none. Without a job, those
     * of the controller that every job can use: whoever deletes a job must not gain others by that.
     */
    @CheckForNull
    StandardCredentials credentials(String id, List<DomainRequirement> requirements) {
        if (build != null) {
            return CredentialsProvider.findCredentialById(id, StandardCredentials.class, build, requirements);
        }
        return job == null
                ? ServerConnections.lookUpForJobs(id, requirements)
                : CredentialsMatchers.firstOrNull(
                        CredentialsProvider.lookupCredentialsInItem(
                                StandardCredentials.class, job, ACL.SYSTEM2, requirements),
                        CredentialsMatchers.withId(id));
    }

    /** Tells apart those who may see different credentials under the same ID. */
    @NonNull
    String scope() {
        if (build != null) {
            return build.getExternalizableId();
        }
        return job == null ? "" : job.getFullName() + "#";
    }

    void track(StandardCredentials used) {
        if (build != null) {
            CredentialsProvider.track(build, used);
        }
    }
}
