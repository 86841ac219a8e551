package io.jenkins.plugins.proxmox.pve.simulator;

import java.util.List;
import java.util.Map;

/**
 * A request as the simulated server got it.
 *
 * @param path without {@code /api2/json}, decoded, without query
 * @param parameters of form and query; of several with one name the last
 * @param fields the same with all values
 * @param headers by lower-case name
 * @param connection a number that is the same for requests on the same TLS connection
 * @param nanos when it came, of {@link System#nanoTime()}
 */
public record ReceivedRequest(
        String method,
        String path,
        Map<String, String> parameters,
        Map<String, List<String>> fields,
        Map<String, String> headers,
        int connection,
        long nanos) {

    public boolean isWrite() {
        return !method.equals("GET");
    }

    /** All values of a parameter that is a list. */
    List<String> values(String parameter) {
        return fields.getOrDefault(parameter, List.of());
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
