package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.model.AdministrativeMonitor;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ServerSettings;
import java.io.IOException;
import java.util.List;
import jenkins.model.Jenkins;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.HttpResponse;
import org.kohsuke.stapler.HttpResponses;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/**
 * Shows administrators the servers whose certificate is not verified. Separate from {@link UnusableServersMonitor},
 * because users who accept this risk and dismiss the warning still want to hear of an expired token.
 */
@Extension
@Symbol("proxmoxUnverifiedServers")
public final class UnverifiedServersMonitor extends AdministrativeMonitor {

    @NonNull
    static UnverifiedServersMonitor get() {
        return ExtensionList.lookupSingleton(UnverifiedServersMonitor.class);
    }

    @Override
    public String getDisplayName() {
        return Messages.UnverifiedServersMonitor_displayName();
    }

    @Override
    public boolean isSecurity() {
        return true;
    }

    /** Uses the configuration and asks no server. */
    @Override
    public boolean isActivated() {
        return !getServers().isEmpty();
    }

    /** The names of the servers in the order of the configuration. */
    @NonNull
    public List<String> getServers() {
        return ProxmoxConfiguration.get().getServers().stream()
                .map(ServerSettings::of)
                .filter(ServerSettings::isUnverified)
                .map(ServerSettings::name)
                .toList();
    }

    /** Hides the warning. */
    @POST
    public HttpResponse doAct(StaplerRequest2 request) throws IOException {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        if (request.hasParameter("dismiss")) {
            disable(true);
        }
        return HttpResponses.redirectViaContextPath("/manage");
    }
}
