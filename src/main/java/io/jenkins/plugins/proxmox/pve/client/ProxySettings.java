package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An HTTP proxy through which servers are reached ({@code CONNECT}). Its text form hides the password.
 *
 * @param user null when the proxy asks for none
 * @param noProxyHosts hosts that match one of these are reached directly
 */
public record ProxySettings(
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        List<Pattern> noProxyHosts) {

    public ProxySettings {
        noProxyHosts = List.copyOf(noProxyHosts);
    }

    boolean isUsedFor(ServerAddress address) {
        return noProxyHosts.stream()
                .noneMatch(pattern -> pattern.matcher(address.host()).matches());
    }

    @Override
    public String toString() {
        return Texts.of("proxy", host, port);
    }
}
