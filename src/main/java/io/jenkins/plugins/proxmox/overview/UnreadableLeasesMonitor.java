package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AdministrativeMonitor;
import io.jenkins.plugins.proxmox.lease.Leases;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jenkins.model.Jenkins;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.HttpResponse;
import org.kohsuke.stapler.HttpResponses;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/**
 * Shows administrators that the list of borrowed guests could not be read as a whole when Jenkins started, until the copy
 * of it is deleted.
 */
@Extension
@Symbol("proxmoxUnreadableLeases")
public final class UnreadableLeasesMonitor extends AdministrativeMonitor {

    @Override
    public String getDisplayName() {
        return Messages.UnreadableLeasesMonitor_displayName();
    }

    @Override
    public boolean isActivated() {
        return !getFiles().isEmpty();
    }

    /** The copies of the list. */
    @NonNull
    public List<Path> getFiles() {
        return Leases.get().unreadable();
    }

    /** Deletes the copies or hides the warning, depending on the button. */
    @POST
    public HttpResponse doAct(StaplerRequest2 request) throws IOException {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        if (request.hasParameter("dismiss")) {
            disable(true);
        } else if (request.hasParameter("delete")) {
            Leases.get().forgetUnreadable();
        }
        return HttpResponses.redirectViaContextPath("/manage");
    }
}
