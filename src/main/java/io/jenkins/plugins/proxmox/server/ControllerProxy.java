package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.ProxyConfiguration;
import hudson.Util;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.pve.client.ProxySettings;
import jenkins.model.Jenkins;

/** The HTTP proxy of Jenkins as the client needs it. */
final class ControllerProxy {

    private record Known(ProxyConfiguration source, ProxySettings settings) {}

    /** Kept so that unchanged configuration gives equal settings, by which a client is found again. */
    private static volatile Known known;

    private ControllerProxy() {}

    @CheckForNull
    static ProxySettings settings() {
        ProxyConfiguration proxy = Jenkins.get().getProxy();
        if (proxy == null || Util.fixEmptyAndTrim(proxy.getName()) == null) {
            return null;
        }
        Known last = known;
        if (last == null || last.source != proxy) {
            last = new Known(proxy, read(proxy));
            known = last;
        }
        return last.settings;
    }

    private static ProxySettings read(ProxyConfiguration proxy) {
        return new ProxySettings(
                proxy.getName(),
                proxy.getPort(),
                Util.fixEmptyAndTrim(proxy.getUserName()),
                Secret.toString(proxy.getSecretPassword()),
                proxy.getNoProxyHostPatterns());
    }
}
