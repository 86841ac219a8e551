package io.jenkins.plugins.proxmox.pve.access;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ACL path of what a network card is connected to (PVE::RPCEnvironment, check_sdn_bridge): {@code
 * /sdn/zones/localnetwork/{bridge}} for a bridge of the node, {@code /sdn/zones/{zone}/{vnet}} for a virtual network of
 * SDN, with the VLAN tag behind it if there is one. A configuration names both in the same way, and the zones are shown
 * only to identities with SDN.Audit. So the path of a network is a guess, unless it is named like a bridge.
 */
public final class NetworkPath {

    private static final String LOCAL = "/sdn/zones/localnetwork/";

    private static final Pattern NETWORK = Pattern.compile("/sdn/zones/([^/]+)/(.+)");

    // as the installer and the web interface name bridges
    private static final Pattern BRIDGE = Pattern.compile("vmbr\\d+(?:/\\d+)?");

    private NetworkPath() {}

    /** The path of a bridge of that name, with its VLAN tag. */
    @NonNull
    public static String of(String network) {
        return LOCAL + network;
    }

    /** Whether the network may be a virtual one of SDN, in a zone that is not known. */
    public static boolean isGuess(String aclPath) {
        return aclPath.startsWith(LOCAL)
                && !BRIDGE.matcher(aclPath.substring(LOCAL.length())).matches();
    }

    /** Whether {@code guess} may mean {@code other}, as both end in the same network. */
    public static boolean mayBe(String guess, String other) {
        Matcher known = NETWORK.matcher(other);
        return isGuess(guess) && known.matches() && guess.equals(LOCAL + known.group(2));
    }

    /** Whether the permissions allow it on the path; where that is a guess, on any path that it may mean. */
    static boolean allow(Permissions permissions, String privilege, String aclPath) {
        return permissions.allow(privilege, aclPath)
                || isGuess(aclPath)
                        && permissions.paths().stream()
                                .anyMatch(path -> mayBe(aclPath, path)
                                                && permissions.on(path).contains(privilege)
                                        || isZone(path) && permissions.allowBelow(privilege, path));
    }

    private static boolean isZone(String path) {
        return path.matches("/sdn/zones/[^/]+");
    }
}
