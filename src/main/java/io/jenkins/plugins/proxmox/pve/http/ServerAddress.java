package io.jenkins.plugins.proxmox.pve.http;

import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.net.IDN;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hc.core5.net.InetAddressUtils;

/**
 * The address of a node of a Proxmox VE cluster: host and port, always HTTPS.
 *
 * <p>{@link #parse(String)} accepts what people copy from a browser or from documentation. An IPv6 host is stored
 * without its brackets.
 */
public record ServerAddress(String host, int port) implements Serializable {

    /** The port of {@code pveproxy}, used when an address names none. */
    public static final int DEFAULT_PORT = 8006;

    private static final Pattern HOST_NAME =
            Pattern.compile("(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
                    + "(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\\.?");

    /** A host name has at most 253 characters, before its port and behind its scheme. */
    private static final int LONGEST_AUTHORITY = 300;

    private static final Pattern LOOKS_LIKE_IPV4 = Pattern.compile("[0-9.]+");

    public ServerAddress {
        boolean ipv6 = isIpv6(host);
        if (!ipv6 && (!HOST_NAME.matcher(host).matches() || looksLikeBrokenIpv4(host))) {
            throw new IllegalArgumentException(Texts.of("address.not-host", SafeText.singleLine(host)));
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException(Texts.of("address.port-range", port));
        }
    }

    /**
     * Parses {@code text}: {@code pve1}, {@code pve1:8006}, {@code https://pve1.example.org:8006}, an address of the
     * web interface ({@code https://pve1:8006/#v1:0:18}), with or without trailing slash or {@code /api2/json}; an IPv6
     * address with or without brackets.
     *
     * @throws IllegalArgumentException with a message for the person who typed it
     */
    public static ServerAddress parse(String text) {
        String rest = SafeText.trimmed(text);
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("address.missing"));
        }
        int scheme = rest.indexOf("://");
        if (scheme >= 0) {
            String name = rest.substring(0, scheme).toLowerCase(Locale.ROOT);
            if (name.equals("http")) {
                throw new IllegalArgumentException(Texts.of("address.http", SafeText.singleLine(rest)));
            }
            if (!name.equals("https")) {
                throw new IllegalArgumentException(Texts.of("address.scheme", SafeText.singleLine(rest)));
            }
            rest = rest.substring(scheme + 3);
        }
        String authority = rest.split("[/?#]", 2)[0];
        if (authority.length() > LONGEST_AUTHORITY) {
            throw new IllegalArgumentException(Texts.of("address.not-host", SafeText.singleLine(authority)));
        }
        requireApiRoot(text, rest.substring(authority.length()));
        if (authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException(Texts.of("address.user"));
        }
        return fromAuthority(authority);
    }

    /**
     * Parses a text with one address per line, or separated by blanks or commas.
     *
     * @throws IllegalArgumentException when one of them cannot be read, or there is none
     */
    public static List<ServerAddress> parseAll(String text) {
        List<ServerAddress> addresses = Stream.of(text.split("[\\s\\p{Z},;]+"))
                .filter(word -> !SafeText.trimmed(word).isEmpty())
                .map(ServerAddress::parse)
                .distinct()
                .toList();
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("address.missing"));
        }
        return addresses;
    }

    private static ServerAddress fromAuthority(String authority) {
        String host;
        String port = null;
        if (authority.startsWith("[")) {
            int close = authority.indexOf(']');
            if (close < 0 || (close + 1 < authority.length() && authority.charAt(close + 1) != ':')) {
                throw new IllegalArgumentException(Texts.of("address.ipv6-form", SafeText.singleLine(authority)));
            }
            host = authority.substring(1, close);
            if (!isIpv6(host)) {
                throw new IllegalArgumentException(Texts.of("address.not-ipv6", SafeText.singleLine(host)));
            }
            port = close + 2 <= authority.length() ? authority.substring(close + 2) : null;
        } else if (authority.indexOf(':') != authority.lastIndexOf(':')) {
            host = authority;
        } else {
            int colon = authority.indexOf(':');
            host = colon < 0 ? authority : authority.substring(0, colon);
            port = colon < 0 ? null : authority.substring(colon + 1);
        }
        return new ServerAddress(asciiHost(host), port == null ? DEFAULT_PORT : portNumber(port));
    }

    private static String asciiHost(String host) {
        try {
            String ascii = host.chars().allMatch(c -> c < 128) ? host : IDN.toASCII(host);
            return ascii.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(Texts.of("address.not-host", SafeText.singleLine(host)), e);
        }
    }

    private static int portNumber(String port) {
        if (!port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException(Texts.of("address.not-port", SafeText.singleLine(port)));
        }
        return Integer.parseInt(port);
    }

    private static void requireApiRoot(String text, String tail) {
        String path = withoutSlashesAtTheEnd(tail.split("#", 2)[0]);
        boolean webInterface = path.isEmpty() || path.startsWith("/?") || path.startsWith("?");
        if (!webInterface && !path.equals("/api2") && !path.equals("/api2/json")) {
            throw new IllegalArgumentException(Texts.of("address.path", SafeText.singleLine(text)));
        }
    }

    private static String withoutSlashesAtTheEnd(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }

    /** Without a zone, as in {@code fe80::1%eth0}: it names an interface of this computer and cannot be part of a URL. */
    private static boolean isIpv6(String host) {
        return host.indexOf('%') < 0 && InetAddressUtils.isIPv6(host);
    }

    private static boolean looksLikeBrokenIpv4(String host) {
        return LOOKS_LIKE_IPV4.matcher(host).matches() && !InetAddressUtils.isIPv4(host);
    }

    /** The base URL of the web interface and the API, such as {@code https://pve1:8006}. */
    public String url() {
        return "https://" + this;
    }

    /** {@code host:port}, an IPv6 host in brackets. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
