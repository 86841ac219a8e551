package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AdministrativeMonitor;
import io.jenkins.plugins.proxmox.server.ConnectionCache;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import jenkins.model.Jenkins;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.HttpResponse;
import org.kohsuke.stapler.HttpResponses;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/**
 * Shows administrators which servers cannot be used and why, as found by {@link PeriodicServerCheck}. Requires
 * Administer, since the explanations name accounts and addresses.
 */
@Extension
@Symbol("proxmoxUnusableServers")
public final class UnusableServersMonitor extends AdministrativeMonitor {

    @Override
    public String getDisplayName() {
        return Messages.UnusableServersMonitor_displayName();
    }

    /** Called while a page is rendered, so it uses the known results and asks no server. */
    @Override
    public boolean isActivated() {
        return !getTroubles().isEmpty();
    }

    /** The problems by server name. */
    @NonNull
    public Map<String, String> getTroubles() {
        Map<String, String> sentences = new LinkedHashMap<>();
        PeriodicServerCheck.get().troubles().forEach((server, trouble) -> sentences.put(server, trouble.sentence()));
        return sentences;
    }

    /** Checks again in the background or hides the warning, depending on the button. */
    @POST
    public HttpResponse doAct(StaplerRequest2 request) throws IOException {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        if (request.hasParameter("dismiss")) {
            disable(true);
        } else if (request.hasParameter("check")) {
            ConnectionCache.get().forgetRefusedPasswords();
            PeriodicServerCheck.get().doRun();
        }
        return HttpResponses.redirectViaContextPath("/manage");
    }
}
