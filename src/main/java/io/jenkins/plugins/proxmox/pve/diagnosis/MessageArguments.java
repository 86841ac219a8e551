package io.jenkins.plugins.proxmox.pve.diagnosis;

import java.util.stream.Stream;

/**
 * The values for the placeholders of the texts. The top of {@code DiagnosisTexts.properties} explains their order.
 *
 * @param identity {@code user@realm!name} or {@code user@realm}, empty if it does not matter
 * @param address {@code host:port}
 * @param privileges in words, such as {@code VM.Audit or VM.PowerMgmt}
 * @param detail a value that only this case has
 * @param more a second such value
 */
record MessageArguments(
        String identity, String address, String path, String privileges, String role, String detail, String more) {

    static MessageArguments of(String identity, String address) {
        return new MessageArguments(identity, address, "", "", "", "", "");
    }

    MessageArguments asking(String privilegesInWords, String onPath) {
        return new MessageArguments(identity, address, onPath, privilegesInWords, role, detail, more);
    }

    MessageArguments role(String name) {
        return new MessageArguments(identity, address, path, privileges, name, detail, more);
    }

    MessageArguments detail(Object value) {
        return detail(value, "");
    }

    MessageArguments detail(Object value, Object second) {
        return new MessageArguments(identity, address, path, privileges, role, value.toString(), second.toString());
    }

    boolean isToken() {
        return identity.lastIndexOf('!') > identity.lastIndexOf('@');
    }

    String realm() {
        String user = user();
        return user.substring(user.lastIndexOf('@') + 1);
    }

    String user() {
        return isToken() ? identity.substring(0, identity.lastIndexOf('!')) : identity;
    }

    String tokenName() {
        return isToken() ? identity.substring(identity.lastIndexOf('!') + 1) : "";
    }

    /** The URL to open with {@code curl} to see what answers; it needs no authentication. */
    String url() {
        return "https://" + address + "/api2/json/access/domains";
    }

    /** The host, such as {@code fd00::1} of {@code [fd00::1]:8006}. */
    private String host() {
        String host = address.substring(0, Math.max(0, address.lastIndexOf(':')));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** The port, such as {@code 8006}. */
    String port() {
        return address.substring(address.lastIndexOf(':') + 1);
    }

    /** The values for sentences, unchanged. */
    Object[] inSentences() {
        return new Object[] {
            identity, user(), tokenName(), realm(), address, host(), port(), path, privileges, role, detail, more
        };
    }

    /** The values for commands, quoted for the shell. */
    Object[] inCommands() {
        return Stream.of(inSentences())
                .map(value -> ShellQuoting.quote(value.toString()))
                .toArray();
    }
}
