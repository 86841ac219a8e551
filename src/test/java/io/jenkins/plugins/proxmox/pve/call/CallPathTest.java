package io.jenkins.plugins.proxmox.pve.call;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallPathTest {

    private static String refusal(String path) {
        return assertThrows(IllegalArgumentException.class, () -> CallPath.parse(path), path)
                .getMessage();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/version",
                "/nodes/pve1/qemu/100/config",
                "/access/users/jenkins@pve/token/ci",
                "/nodes/pve1/tasks/UPID:pve1:00006618:00051E3F:6B049232:vzdump::jenkins@pve!ci:/log",
                "/nodes/pve1/storage/local/content/local:backup/vzdump-qemu-100-2026_01_01-00_00_00.vma.zst",
                "/pools/ci",
                "/nodes/pve1/qemu/100/firewall/rules/0",
                "/nodes/pve1/qemu/100/agent/get-osinfo",
                "/nodes/pve1/network/vmbr0.100",
                "/a/...b/.c"
            })
    void takesThePathsOfTheApi(String path) {
        assertThat(CallPath.parse(path), hasToString(path));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                                      | path is missing
            ` `                                     | path is missing
            version                                 | does not begin with a slash
            ` /version`                             | does not begin with a slash
            \\version                               | does not begin with a slash
            ../version                              | does not begin with a slash
            https://evil.example.org/version        | give only the path
            HTTPS://evil.example.org:8006/          | give only the path
            http:/version                           | give only the path
            file:///etc/passwd                      | give only the path
            //evil.example.org/version              | is empty
            /nodes//qemu                            | is empty
            /nodes/                                 | is empty
            /                                       | is empty
            /nodes/../access/ticket                 | consists of dots
            /..                                     | consists of dots
            /./version                              | consists of dots
            /nodes/...                              | consists of dots
            /nodes/%2e%2e/access                    | percent sign
            /nodes/%2E%2E/access                    | percent sign
            /nodes%2Fpve1                           | percent sign
            /nodes%2fpve1                           | percent sign
            /nodes/%252e%252e                       | percent sign
            /nodes/pve1%00                          | percent sign
            /cluster/resources?type=vm              | contains ?. Give query parameters in parameters
            /cluster/resources#x                    | contains #
            /cluster/resources&x                    | contains &
            /nodes/*/qemu                           | asterisk
            /nodes\\pve1                            | character U+005C
            /nodes/pve1\\..\\access                 | character U+005C
            /nodes/pve 1                            | character U+0020
            `/version `                             | character U+0020
            /nodes/pve1;x=1                         | character U+003B
            /nodes/<b>                              | character U+003C
            /nodes/"                                | character U+0022
            /nodes/'                                | character U+0027
            /nodes/{node}                           | character U+007B
            /nodes/$node                            | character U+0024
            /nodes/pv\u00e91                        | character U+00E9
            /nodes/\uff0e\uff0e/access              | character U+FF0E
            /nodes\u2215pve1                        | character U+2215
            /nodes\uff0fpve1                        | character U+FF0F
            /nodes/\u202epve1                       | character U+202E
            /api2/json/version                      | leave out /api2/json
            /API2/JSON/version                      | leave out /api2/json
            /api2                                   | leave out /api2/json
            """)
    void refusesWhatIsNoPlainPath(String path, String why) {
        assertThat(refusal(path), containsString(why));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a\r\nX-Evil: 1",
                "/a\nb",
                "/a\tb",
                "/a\u0000",
                "/a\u007f",
                "/a\u0085b",
                "/a\u2028b",
                "/a\u200bb"
            })
    void refusesWhatIsNotSeen(String path) {
        assertThat(refusal(path), allOf(containsString("contains the character U+"), not(containsString("\n"))));
    }

    @Test
    void refusesNothingAtAllAndTooMuch() {
        assertThat(refusal(null), containsString("path is missing"));
        assertThat(refusal("/" + "a".repeat(1000)), containsString("more than 1000 characters"));
    }

    /** Whatever is accepted is sent as it was checked: it decodes to itself, and has no segment that leads elsewhere. */
    @Test
    void sendsWhatItAccepts() {
        Random random = new Random(20260101);
        String alphabet = "//..%2eaA0:@!?#\\ *;\u00e9\uff0e\n-_~=+,";
        int accepted = 0;
        for (int i = 0; i < 200_000; i++) {
            String path = "/"
                    + random.ints(random.nextInt(1, 8), 0, alphabet.length())
                            .mapToObj(at -> String.valueOf(alphabet.charAt(at)))
                            .collect(Collectors.joining());
            CallPath parsed;
            try {
                parsed = CallPath.parse(path);
            } catch (IllegalArgumentException refused) {
                continue;
            }
            accepted++;
            assertThat(path, path.matches("(/(?!\\.+(/|$))[A-Za-z0-9._~!@:=+,-]+)+"), is(true));
            assertThat(parsed, hasToString(path));
            assertThat(parsed.toApiPath(), hasToString(path));
        }
        assertThat("accepted " + accepted, accepted > 1000, is(true));
    }

    @Test
    void knowsTheNodeItNames() {
        assertThat(CallPath.parse("/nodes/pve1/qemu").node(), is("pve1"));
        assertThat(CallPath.parse("/nodes").node(), is(nullValue()));
        assertThat(CallPath.parse("/cluster/resources").node(), is(nullValue()));
    }
}
