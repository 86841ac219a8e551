package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
                pve1,                                pve1:8006
                PVE1.Example.Org,                    pve1.example.org:8006
                pve1:443,                            pve1:443
                "  pve1:8006  ",                     pve1:8006
                https://pve1.example.org,            pve1.example.org:8006
                https://pve1.example.org:8006,       pve1.example.org:8006
                HTTPS://pve1:8006/,                  pve1:8006
                https://pve1:8006/api2/json,         pve1:8006
                https://pve1:8006/api2/json/,        pve1:8006
                pve1/api2/json,                      pve1:8006
                https://pve1:8006/#v1:0:18:4:::::::, pve1:8006
                "https://pve1:8006/?console=kvm",    pve1:8006
                192.0.2.10,                          192.0.2.10:8006
                192.0.2.10:8007,                     192.0.2.10:8007
                [2001:db8::1],                       [2001:db8::1]:8006
                [2001:db8::1]:8007,                  [2001:db8::1]:8007
                2001:db8::1,                         [2001:db8::1]:8006
                https://[2001:DB8::1]:8006/,         [2001:db8::1]:8006
                bücher.example,                      xn--bcher-kva.example:8006
                my_node.local,                       my_node.local:8006
                """)
    void acceptsWhatPeoplePaste(String text, String address) {
        assertThat(ServerAddress.parse(text), hasToString(address));
        assertThat(ServerAddress.parse(text).url(), is("https://" + address));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ufeffpve1\r\n", "\u00a0pve1:8006\u200b", "\u200ehttps://pve1/\u2028"})
    void leavesOutWhatFilesAndClipboardsAdd(String text) {
        assertThat(ServerAddress.parse(text), hasToString("pve1:8006"));
        assertThat(ServerAddress.parseAll(text), contains(new ServerAddress("pve1", 8006)));
        assertThat(ServerAddress.parseAll(text + "\u00a0" + text), contains(new ServerAddress("pve1", 8006)));
    }

    @Test
    void holdsAnIpv6HostWithoutBrackets() {
        assertThat(ServerAddress.parse("[2001:db8::1]:8007"), is(new ServerAddress("2001:db8::1", 8007)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                ""                          | An address is missing
                "   "                       | An address is missing
                http://pve1:8006            | crosses the network unencrypted
                HTTP://pve1                 | Type https:// instead
                ftp://pve1                  | the API uses HTTPS
                pve1:99999                  | Port 99999 is not between 1 and 65535
                pve1:0                      | Port 0 is not between
                pve1:                       | is not a port number
                pve1:port                   | is not a port number
                pve1:-1                     | is not a port number
                root@pam@pve1               | must not contain a user name or password
                https://root:secret@pve1    | must not contain a user name or password
                https://pve1/proxmox        | leave out the path
                https://pve1/api2/extjs     | leave out the path
                https://pve1/api2/json/../x | leave out the path
                [2001:db8::1                | type an IPv6 address as
                [2001:db8::1]8006           | type an IPv6 address as
                [pve1]:8006                 | is not an IPv6 address
                2001:db8::zz                | is not a host name or IP address
                192.0.2                     | is not a host name or IP address
                192.0.2.300                 | is not a host name or IP address
                pve 1                       | is not a host name or IP address
                pve1,pve2                   | is not a host name or IP address
                -pve1                       | is not a host name or IP address
                pve1..example               | is not a host name or IP address
                https://                    | is not a host name or IP address
                """)
    void refusesWithTheReason(String text, String reason) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ServerAddress.parse(text));
        assertThat(refusal.getMessage(), containsString(reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pve1\r\nX-Evil", "pve1\u0000", "pve1\u202e", "pve1\\evil", "pve%31"})
    void refusesHostileHostsOnOneLine(String text) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ServerAddress.parse(text));
        assertThat(
                refusal.getMessage(),
                allOf(containsString("is not a host name"), not(containsString("\n")), not(containsString("\u202e"))));
    }

    @Test
    void doesNotRepeatAPasswordTypedIntoAnAddress() {
        var refusal = assertThrows(
                IllegalArgumentException.class, () -> ServerAddress.parse("https://root:secret@pve1:8006"));
        assertThat(refusal.getMessage(), not(containsString("secret")));
    }

    @Test
    void readsSeveralAddressesWithoutRepetitions() {
        assertThat(
                ServerAddress.parseAll(" pve1\n https://pve2:8007/, pve1:8006;[2001:db8::3]\r\n"),
                contains(
                        new ServerAddress("pve1", 8006),
                        new ServerAddress("pve2", 8007),
                        new ServerAddress("2001:db8::3", 8006)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n ", ",;"})
    void asksForAtLeastOneAddress(String text) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ServerAddress.parseAll(text));
        assertThat(refusal.getMessage(), containsString("An address is missing"));
    }

    @Test
    void refusesAListWithOneWrongAddress() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ServerAddress.parseAll("pve1 http://pve2"));
        assertThat(refusal.getMessage(), containsString("http://pve2"));
    }

    /** HttpClient accepts a zone, but no URL can carry it. */
    @ParameterizedTest
    @ValueSource(strings = {"fe80::1%eth0", "[fe80::1%eth0]:8006", "https://[fe80::1%25eth0]"})
    void refusesTheZoneOfALinkLocalAddress(String text) {
        assertThrows(IllegalArgumentException.class, () -> ServerAddress.parse(text));
    }

    @Test
    void writesANameWithOtherLettersInLowerCaseThroughout() {
        assertThat(ServerAddress.parse("PVE1.M\u00dcLLER.EXAMPLE"), hasToString("pve1.xn--mller-kva.example:8006"));
        assertThat(ServerAddress.parse("PVE1.EXAM\u00adPLE"), hasToString("pve1.example:8006"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "a", "a.", "[", ":", "\u00e4", "@"})
    @Timeout(60)
    void refusesALongTextAtOnce(String piece) {
        for (String begin : new String[] {"", "pve1/"}) {
            String text = begin + piece.repeat(64 * 1024 / piece.length()) + "x";
            assertThrows(IllegalArgumentException.class, () -> ServerAddress.parse(text));
        }
    }
}
