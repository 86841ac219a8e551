package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AdministrativeMonitor;
import io.jenkins.plugins.proxmox.lease.LeaseReturns;
import java.io.IOException;
import java.util.List;
import jenkins.model.Jenkins;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.HttpResponse;
import org.kohsuke.stapler.HttpResponses;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/**
 * Shows administrators which guests could not be put back in three attempts or more, and why. Jenkins keeps trying; the
 * warning goes away by itself once the guests are back.
 */
@Extension
@Symbol("proxmoxUnreturnedGuests")
public final class UnreturnedGuestsMonitor extends AdministrativeMonitor {

    @Override
    public String getDisplayName() {
        return Messages.UnreturnedGuestsMonitor_displayName();
    }

    /** Called while a page is rendered, so it asks no server. */
    @Override
    public boolean isActivated() {
        return !getGuests().isEmpty();
    }

    @NonNull
    public List<BorrowedGuest> getGuests() {
        return BorrowedGuests.unreturned();
    }

    /** Tries again in the background or hides the warning, depending on the button. */
    @POST
    public HttpResponse doAct(StaplerRequest2 request) throws IOException {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        if (request.hasParameter("dismiss")) {
            disable(true);
        } else if (request.hasParameter("retry")) {
            getGuests().forEach(guest -> LeaseReturns.get().tryNow(guest.getId()));
        }
        return HttpResponses.redirectViaContextPath("/manage");
    }
}
