package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.ExtensionList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.logging.Logger;
import jenkins.model.GlobalConfiguration;
import net.sf.json.JSONObject;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.StaplerRequest2;

/** The servers that an administrator configured, in the order shown. The first is the default. */
@Extension
@Symbol("proxmoxVe")
public final class ProxmoxConfiguration extends GlobalConfiguration {

    private static final Logger LOGGER = Logger.getLogger(ProxmoxConfiguration.class.getName());

    private List<ProxmoxServer> servers = new ArrayList<>();

    public ProxmoxConfiguration() {
        load();
    }

    @NonNull
    public static ProxmoxConfiguration get() {
        return ExtensionList.lookupSingleton(ProxmoxConfiguration.class);
    }

    @NonNull
    @Override
    public String getDisplayName() {
        return Messages.ProxmoxConfiguration_displayName();
    }

    @NonNull
    public synchronized List<ProxmoxServer> getServers() {
        return List.copyOf(servers);
    }

    /**
     * @throws IllegalArgumentException when two servers have the same name, one has none, or the fields of one
     *     contradict each other; nothing is saved then
     */
    @DataBoundSetter
    public synchronized void setServers(@CheckForNull List<ProxmoxServer> servers) {
        List<ProxmoxServer> wanted = servers == null ? List.of() : servers;
        Set<String> names = new HashSet<>();
        for (ProxmoxServer server : wanted) {
            if (server.getName().isEmpty()) {
                throw new IllegalArgumentException(Messages.ProxmoxServer_nameMissing());
            }
            if (!names.add(server.getName())) {
                throw new IllegalArgumentException(Messages.ProxmoxConfiguration_sameName(server.getName()));
            }
            requireOneTrust(server);
        }
        this.servers = new ArrayList<>(wanted);
        save();
    }

    /** If a contradiction were saved, all builds that wait for the server would fail. */
    private static void requireOneTrust(ProxmoxServer server) {
        try {
            server.requireOneTrust();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    Messages.ProxmoxConfiguration_contradiction(server.getName(), e.getMessage()), e);
        }
    }

    /**
     * Changes the folder patterns of all servers, and saves if any changed. The log names each changed server.
     *
     * @param cause a sentence for the log
     */
    synchronized void changeFolders(String cause, UnaryOperator<String> change) {
        List<ProxmoxServer> changed = new ArrayList<>();
        boolean isAnother = false;
        for (ProxmoxServer server : servers) {
            List<String> before = server.getFolders();
            List<String> after = before.stream().map(change).toList();
            if (after.equals(before)) {
                changed.add(server);
            } else {
                isAnother = true;
                // a new object, since builds read the current one at the same time
                changed.add(server.withFolders(after));
                LOGGER.info(Messages.ProxmoxConfiguration_foldersChanged(
                        cause, server.getName(), String.join(", ", after), String.join(", ", before)));
            }
        }
        if (isAnother) {
            servers = changed;
            save();
        }
    }

    @Override
    public boolean configure(StaplerRequest2 request, JSONObject json) throws FormException {
        List<ProxmoxServer> submitted = request.bindJSONToList(ProxmoxServer.class, json.get("servers"));
        try {
            setServers(submitted);
        } catch (IllegalArgumentException e) {
            throw new FormException(e.getMessage(), e, "servers");
        }
        return true;
    }
}
