package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.ProxyConfiguration;
import hudson.Util;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.pve.http.ProxySettings;
import java.util.regex.Pattern;
import jenkins.model.Jenkins;

/** The HTTP proxy of Jenkins, in the form that the client needs. */
final class ControllerProxy {

    private ControllerProxy() {}

    /** The configured proxy, or null. Equal to an earlier result unless the configuration has changed. */
    @CheckForNull
    static ProxySettings settings() {
        ProxyConfiguration proxy = Jenkins.get().getProxy();
        if (proxy == null || Util.fixEmptyAndTrim(proxy.getName()) == null) {
            return null;
        }
        return new ProxySettings(
                proxy.getName(),
                proxy.getPort(),
                Util.fixEmptyAndTrim(proxy.getUserName()),
                Secret.toString(proxy.getSecretPassword()),
                proxy.getNoProxyHostPatterns().stream().map(Pattern::pattern).toList());
    }
}
