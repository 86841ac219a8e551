package io.jenkins.plugins.proxmox.pve.simulator;

import java.util.Map;

/**
 * A request as the simulated server got it.
 *
 * @param path without {@code /api2/json}, decoded, without query
 * @param parameters of form and query
 * @param headers by lower-case name
 * @param connection a number that is the same for requests on the same TLS connection
 * @param nanos when it came, of {@link System#nanoTime()}
 */
public record ReceivedRequest(
        String method,
        String path,
        Map<String, String> parameters,
        Map<String, String> headers,
        int connection,
        long nanos) {

    public boolean isWrite() {
        return !method.equals("GET");
    }

    /** Whether it is a login. */
    public boolean isLogin() {
        return path.equals("/access/ticket");
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
