package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What cloud-init tells a machine at its first start, through the cloud-init drive of its template.
 *
 * @param user null for that of the image
 * @param sshKeys public keys, one a line; empty for none
 * @param ipConfig of the first network card, such as {@code ip=dhcp}; null for that of the template
 * @param nameserver addresses, separated by blanks; null for that of the node
 */
public record CloudInit(
        @Nullable String user,
        String sshKeys,
        @Nullable String ipConfig,
        @Nullable String nameserver) implements Serializable {

    // type, key, comment; a key with options in front of it is refused by Proxmox VE as well
    private static final Pattern SSH_KEY =
            Pattern.compile("(?:ssh|sk-ssh|ecdsa|sk-ecdsa)[A-Za-z0-9@.-]* [A-Za-z0-9+/=]+(?: [\\t\\P{Cc}]*)?");

    // PVE::QemuServer, cloudinit ipconfig: pairs of ip, ip6, gw, gw6
    private static final Pattern IP_CONFIG =
            Pattern.compile("(?:ip6?|gw6?)=[0-9A-Za-z.:/]+(?:,(?:ip6?|gw6?)=[0-9A-Za-z.:/]+){0,3}");

    // PVE::JSONSchema, address-list; more than a resolver uses
    private static final Pattern NAMESERVERS = Pattern.compile("[0-9A-Za-z.:]+(?:[ ,;]+[0-9A-Za-z.:]+){0,15}");

    private static final Pattern USER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}\\$?");

    /**
     * @throws IllegalArgumentException when a value cannot be right, in one line that names it
     */
    public CloudInit {
        sshKeys = sshKeys.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("\n"));
        for (String key : keys(sshKeys)) {
            require(SSH_KEY, key, "clone.ssh-key");
        }
        require(USER, user, "clone.ci-user");
        require(IP_CONFIG, ipConfig, "clone.ip-config");
        require(NAMESERVERS, nameserver, "clone.nameserver");
    }

    private static List<String> keys(String sshKeys) {
        return sshKeys.lines().toList();
    }

    private static void require(Pattern pattern, @Nullable String value, String key) {
        if (value != null && !pattern.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    switch (key) {
                        case "clone.ssh-key" -> Texts.of("clone.ssh-key", SafeText.singleLine(value));
                        case "clone.ci-user" -> Texts.of("clone.ci-user", SafeText.singleLine(value));
                        case "clone.ip-config" -> Texts.of("clone.ip-config", SafeText.singleLine(value));
                        default -> Texts.of("clone.nameserver", SafeText.singleLine(value));
                    });
        }
    }

    boolean isEmpty() {
        return values().isEmpty();
    }

    /** The values in the configuration of the machine. */
    Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        if (user != null) {
            values.put("ciuser", user);
        }
        if (!sshKeys.isEmpty()) {
            // encoded once more inside the value, with %20 for a blank (PVE::QemuServer, sshkeys: urlencoded)
            values.put(
                    "sshkeys",
                    URLEncoder.encode(sshKeys, StandardCharsets.UTF_8).replace("+", "%20"));
        }
        if (ipConfig != null) {
            values.put("ipconfig0", ipConfig);
        }
        if (nameserver != null) {
            values.put("nameserver", nameserver);
        }
        return values;
    }
}
