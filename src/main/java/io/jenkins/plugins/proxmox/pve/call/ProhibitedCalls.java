package io.jenkins.plugins.proxmox.pve.call;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Calls that no rule can allow, because they return secrets, change who may do what, or lead around the rules. Proxmox
 * VE tells upper and lower case apart in a path; here they are the same, to be sure.
 */
final class ProhibitedCalls {

    /** PVE::API2::Nodes, Qemu and LXC: what returns a ticket for a console or for a migration to another cluster. */
    private static final Set<String> TICKETS = Set.of(
            "termproxy",
            "vncproxy",
            "vncshell",
            "vncwebsocket",
            "spiceproxy",
            "spiceshell",
            "mtunnel",
            "mtunnelwebsocket");

    private ProhibitedCalls() {}

    /** Why nobody may make this call, as a sentence; empty when a rule may allow it. */
    @NonNull
    static String reason(Method method, CallPath path) {
        List<String> segments = path.segments().stream()
                .map(segment -> segment.toLowerCase(Locale.ROOT))
                .toList();
        return switch (segments.get(0)) {
            case "access" -> reasonOfAccess(method, segments);
            case "nodes" -> reasonOfNode(segments);
            case "cluster" -> reasonOfCluster(method, segments);
            default -> "";
        };
    }

    private static String reasonOfAccess(Method method, List<String> segments) {
        String what = segments.size() > 1 ? segments.get(1) : "";
        if (what.equals("ticket") || what.equals("vncticket") || what.equals("openid")) {
            return Texts.of("call.prohibited.login");
        }
        if (method != Method.GET) {
            return Texts.of("call.prohibited.access");
        }
        // PVE::API2::Domains returns the client-key of an OpenID realm
        return what.equals("domains") && segments.size() > 2 ? Texts.of("call.prohibited.realm") : "";
    }

    private static String reasonOfNode(List<String> segments) {
        String last = segments.get(segments.size() - 1);
        boolean ofNodeOrGuest = segments.size() == 3 || segments.size() == 5;
        if (ofNodeOrGuest && TICKETS.contains(last)) {
            return Texts.of("call.prohibited.console");
        }
        // PVE::API2::Nodes, execute: calls of any path, packed into one
        if (segments.size() == 3 && last.equals("execute")) {
            return Texts.of("call.prohibited.execute");
        }
        // PVE::API2::Qemu, monitor: commands to QEMU itself, which runs as root
        return segments.size() == 5 && segments.get(2).equals("qemu") && last.equals("monitor")
                ? Texts.of("call.prohibited.monitor")
                : "";
    }

    private static String reasonOfCluster(Method method, List<String> segments) {
        // PVE::API2::ClusterConfig, addnode returns the key of corosync
        boolean config = segments.size() > 1 && segments.get(1).equals("config");
        return config && method != Method.GET ? Texts.of("call.prohibited.cluster") : "";
    }
}
