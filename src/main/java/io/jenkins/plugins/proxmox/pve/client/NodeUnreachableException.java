package io.jenkins.plugins.proxmox.pve.client;

import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;

/**
 * 595 to 599: the node that answered could not get an answer from the requested node. The numbers come from the Perl
 * module AnyEvent::HTTP, with which one Proxmox VE node queries another, and its web server the daemon that does the
 * work: 595 no connection, 596 broken or silent afterwards, 597 broken during the answer, 599 no proper answer.
 */
public final class NodeUnreachableException extends ApiException {
    private static final long serialVersionUID = 1L;

    private static final int NOT_CONNECTED = 595;

    NodeUnreachableException(ErrorAnswer failure) {
        super(message(failure), failure);
    }

    private static String message(ErrorAnswer failure) {
        String node = nodeOf(failure.path());
        return Texts.of(
                node.isEmpty() ? "relay.unnamed-node" : "relay.node",
                node,
                failure.address(),
                failure.method(),
                failure.path(),
                SafeText.sentence(failure.status() + " " + SafeText.singleLine(failure.serverSaid())));
    }

    private static String nodeOf(String path) {
        String[] segments = path.split("/");
        return segments.length > 2 && segments[1].equals("nodes") ? segments[2] : "";
    }

    /** The requested node, or an empty text when the path names none. */
    public String node() {
        return nodeOf(failure().path());
    }

    /** Whether that node was reached (596 and above) and failed afterwards. */
    public boolean isConnected() {
        return failure().status() != NOT_CONNECTED;
    }

    /** True for a write unless it never reached the other node (595). */
    @Override
    public boolean mayHaveBeenExecuted() {
        return isConnected() && !failure().method().equals("GET");
    }

    /** True: a service of the node is restarting, or the connection between the nodes broke. */
    @Override
    public boolean mayPass() {
        return true;
    }
}
