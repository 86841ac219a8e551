package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.startsWith;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class AddressPropertiesTest {

    private static final String[] WORDS = {
        "https://",
        "http://",
        "://",
        "pve1",
        "example.org",
        ":8006",
        "[",
        "]",
        "2001:db8::1",
        "fe80::1%eth0",
        "192.0.2.1",
        "@",
        "user:password@",
        "/api2/json",
        "/api2",
        "#v1:0:18",
        "?",
        "evil.example",
        "xn--",
        "ä",
        "１",
        "．",
        "：",
        "／"
    };

    @Provide
    Arbitrary<String> addresses() {
        return HostileText.near("addresses", WORDS);
    }

    @Provide
    Arbitrary<String> longAddresses() {
        return HostileText.repeated(WORDS);
    }

    @Provide
    Arbitrary<List<String>> segments() {
        return HostileText.near("identities", "..", "%2e%2e", "/", "nodes", "qemu", "100", "?", "#")
                .list()
                .ofMinSize(1)
                .ofMaxSize(5);
    }

    private static void checkAddress(ServerAddress address) {
        assertThat(address.toString(), matchesPattern("(?:\\[[0-9a-f:.]+]|[a-z0-9._-]+):[0-9]+"));
        assertThat(ServerAddress.parse(address.toString()), is(address));
        assertThat(ServerAddress.parse(address.url()), is(address));
        URI url = URI.create(address.url() + "/api2/json/version");
        assertThat(url.getRawAuthority(), is(address.toString()));
        assertThat(url.getRawUserInfo() == null && url.getPath().equals("/api2/json/version"), is(true));
    }

    @Fuzzed
    void anAddressNamesAHostAndAPortAndNothingElse(@ForAll("addresses") String text) {
        try {
            checkAddress(ServerAddress.parse(text));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void aListOfAddressesConsistsOfAddresses(@ForAll("addresses") String one, @ForAll("addresses") String another) {
        try {
            ServerAddress.parseAll(one + "\n" + another).forEach(AddressPropertiesTest::checkAddress);
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longAddressesAreRefusedAtOnce(@ForAll("longAddresses") String text) {
        anAddressNamesAHostAndAPortAndNothingElse(text);
        aListOfAddressesConsistsOfAddresses(text, "");
    }

    @Fuzzed
    void noSegmentLeadsToAnotherPath(@ForAll("segments") List<String> segments) {
        try {
            ApiPath path = ApiPath.of(segments.toArray());
            String target = path.requestTarget();
            assertThat(target, startsWith("/api2/json/"));
            assertThat(URI.create(target).normalize().getRawPath(), is(target));
            String[] sent = target.substring("/api2/json/".length()).split("/", -1);
            assertThat(Stream.of(sent).map(AddressPropertiesTest::decoded).toList(), is(asSent(segments)));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void aParameterStaysOneParameter(@ForAll("addresses") String name, @ForAll("addresses") String value) {
        String target = ApiPath.of("version").with(name, value).requestTarget();
        String query = URI.create(target).getRawQuery();
        assertThat(
                Stream.of(query.split("[&=]", -1))
                        .map(AddressPropertiesTest::decoded)
                        .toList(),
                is(asSent(List.of(name, value))));
    }

    private static String decoded(String encoded) {
        return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    }

    /** Half a character has no bytes. */
    private static List<String> asSent(List<String> texts) {
        return texts.stream()
                .map(text -> new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .toList();
    }

    @Provide
    Arbitrary<String> headers() {
        return HostileText.edited(List.of(
                "Fri, 27 Nov 2026 01:17:58 GMT",
                "Friday, 27-Nov-26 01:17:58 GMT",
                "Fri Nov 27 01:17:58 2026",
                "Thu, 01 Jan 999999 00:00:00 GMT",
                "120",
                "999999999",
                "-1",
                ""));
    }

    @Fuzzed
    void headersWithTimesAreReadOrIgnored(@ForAll("headers") String date, @ForAll("headers") String retryAfter) {
        HttpAnswer answer = new HttpAnswer(
                new ServerAddress("pve1", 8006),
                503,
                "Service Unavailable",
                new byte[0],
                null,
                null,
                null,
                date,
                retryAfter,
                Duration.ZERO);
        answer.givenAt();
        assertThat(answer.retryAfter().isNegative(), is(false));
    }

    @Test
    void theCorpusHasAddresses() {
        assertThat(
                ServerAddress.parseAll(
                        String.join(" ", HostileText.corpus("addresses").subList(0, 9))),
                hasItem(new ServerAddress("pve1.example.org", 8006)));
    }
}
