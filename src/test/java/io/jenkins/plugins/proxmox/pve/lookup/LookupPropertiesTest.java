package io.jenkins.plugins.proxmox.pve.lookup;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.model.GuestInterface;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class LookupPropertiesTest {

    private static final String[] WORDS = {
        "running",
        "agent",
        "ip",
        "port:",
        "22",
        "65535",
        " ",
        "docker0",
        "br-",
        "0123456789ab",
        "veth",
        "vEthernet (",
        "WSL",
        ")"
    };

    @Provide
    Arbitrary<String> texts() {
        return HostileText.of(WORDS);
    }

    @Provide
    Arbitrary<String> longTexts() {
        return HostileText.repeated(WORDS);
    }

    @Fuzzed
    void anAvailabilityIsReadBackAsItIsWritten(@ForAll("texts") String text) {
        try {
            Availability availability = Availability.parse(text);
            assertThat(Availability.parse(availability.toString()), is(availability));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void aGuestIsNamedOnOneLine(@ForAll("texts") String name, @ForAll("texts") String node) {
        try {
            assertThat(HostileText.isPlain(new GuestSelector(null, name, node).toString()), is(true));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
        assertThat(HostileText.isPlain(new GuestSelector(null, name, null).toString()), is(true));
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longTextsAreReadAtOnce(@ForAll("longTexts") String text) {
        anAvailabilityIsReadBackAsItIsWritten(text);
        aGuestIsNamedOnOneLine(text, text);
        new GuestNetwork(List.of(new GuestInterface(text, "", List.of()))).ip();
    }
}
