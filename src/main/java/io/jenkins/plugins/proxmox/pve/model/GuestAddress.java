package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An IP address inside a guest.
 *
 * @param address without prefix and zone, in lower case
 * @param prefix its length in bits, such as 24; 0 when unknown
 */
public record GuestAddress(String address, int prefix) implements Serializable {

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");

    private static final Pattern IPV6 = Pattern.compile("(?=.*:.*:)[0-9a-f:]{2,39}(?:[0-9.]{7,15})?");

    private static final Pattern PREFIX = Pattern.compile("\\d{1,3}");

    /** Reads an entry of {@code ip-addresses}; the prefix is a text in answers about containers. */
    @NonNull
    static GuestAddress from(JsonNode json) {
        return of(
                JsonChecks.requireText("ip-address", json), json.path("prefix").asText(""));
    }

    /** Reads {@code 192.0.2.5/24}. */
    @NonNull
    static GuestAddress parse(String withPrefix) {
        int slash = withPrefix.indexOf('/');
        return slash < 0 ? of(withPrefix, "") : of(withPrefix.substring(0, slash), withPrefix.substring(slash + 1));
    }

    private static GuestAddress of(String text, String prefix) {
        // Windows adds the number of the interface to a link-local address: fe80::1%5
        int zone = text.indexOf('%');
        String address = (zone < 0 ? text : text.substring(0, zone)).toLowerCase(Locale.ROOT);
        if (!IPV4.matcher(address).matches() && !IPV6.matcher(address).matches()) {
            throw new IllegalArgumentException(Texts.of("answer.no-address"));
        }
        return new GuestAddress(address, PREFIX.matcher(prefix).matches() ? Integer.parseInt(prefix) : 0);
    }

    public boolean isIpv4() {
        return !address.contains(":");
    }

    /** Whether it reaches only the guest itself. */
    public boolean isLoopback() {
        return isIpv4() ? address.startsWith("127.") : address.equals("::1");
    }

    /** Whether it is valid on its own link only, as the one that a system takes when no DHCP server answers. */
    public boolean isLinkLocal() {
        return isIpv4() ? address.startsWith("169.254.") : address.matches("fe[89ab].*");
    }

    /** Whether it is an IPv6 address for private networks (RFC 4193). */
    public boolean isUniqueLocal() {
        return address.matches("f[cd].*");
    }

    /** Whether it stands for no address or all of them. */
    public boolean isUnspecified() {
        return address.equals("0.0.0.0") || address.equals("::");
    }

    /** {@code 192.0.2.5/24}. */
    @Override
    public String toString() {
        return prefix == 0 ? address : address + "/" + prefix;
    }
}
