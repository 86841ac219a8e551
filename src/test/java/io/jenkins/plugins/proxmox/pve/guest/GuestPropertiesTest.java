package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class GuestPropertiesTest {

    private static final CloneMark MARK =
            new CloneMark("c0ffee", "folder/job", 12, "https://ci/", "one", true, Instant.EPOCH, 107);

    private static final String[] WORDS = {
        "ssh-ed25519 ",
        "AAAAC3Nz",
        "ip=dhcp",
        ",ip6=auto",
        ",gw=192.0.2.1",
        "192.0.2.53",
        ",",
        " ",
        ";",
        "ubuntu",
        "_a",
        "$",
        "a.b",
        "a-",
        "snap_1",
        "current",
        "jenkins-clone: ",
        "{\"controller\":\"c0ffee\"",
        ",\"job\":\"j\"",
        "\"made\":\"",
        "\"",
        "}"
    };

    @Provide
    Arbitrary<String> texts() {
        return HostileText.of(WORDS);
    }

    @Provide
    Arbitrary<String> marks() {
        return HostileText.edited(
                List.of(MARK.line(), "notes\n\n" + MARK.line(), MARK.line() + "\n" + MARK.line()), WORDS);
    }

    @Provide
    Arbitrary<String> longTexts() {
        return HostileText.repeated(WORDS);
    }

    /** A job that is taken for another one seems to be over, and its clone seems to be nobody's. */
    @Fuzzed
    void aMarkNamesItsJobAsItIs(
            @ForAll("texts") String job, @ForAll("texts") String description, @ForAll("texts") String url) {
        CloneMark mark = new CloneMark("c0ffee", "j" + job, 12, url, "one", true, Instant.EPOCH, 107);
        String stored = mark.after(description);
        // as the server returns the notes of a container
        CloneMark read = CloneMark.in(new GuestConfig(Map.of("description", stored + "\n")).description());
        assertThat(read.job(), is(mark.job()));
        assertThat(read.isSame(mark), is(true));
        assertThat(HostileText.isPlain(read.inWords()), is(true));
    }

    @Fuzzed
    void aDescriptionHasAMarkOrNone(@ForAll("marks") String description) {
        CloneMark mark = CloneMark.in(description);
        if (mark != null) {
            assertThat(CloneMark.in(mark.after(description)), is(mark));
            assertThat(HostileText.isPlain(mark.inWords()), is(true));
        }
    }

    @Fuzzed
    void cloudInitIsRefusedOrSafeInAConfiguration(
            @ForAll("texts") String user,
            @ForAll("texts") String keys,
            @ForAll("texts") String ip,
            @ForAll("texts") String nameserver) {
        List<Supplier<CloudInit>> each = List.of(
                () -> new CloudInit(user, "", null, null),
                () -> new CloudInit(null, keys, null, null),
                () -> new CloudInit(null, "", ip, null),
                () -> new CloudInit(null, "", null, nameserver));
        for (Supplier<CloudInit> made : each) {
            try {
                CloudInit init = made.get();
                init.values().forEach((key, value) -> {
                    assertThat(value, HostileText.isPlain(value), is(true));
                    assertThat(value, not(containsString("\n")));
                });
                String sent = init.values().get("sshkeys");
                if (sent != null) {
                    assertThat(sent, not(containsString("+")));
                    assertThat(URLDecoder.decode(sent, StandardCharsets.UTF_8), is(init.sshKeys()));
                }
            } catch (IllegalArgumentException e) {
                HostileText.wordsOf(e);
            }
        }
    }

    @Fuzzed
    void namesAreRefusedOrPlain(@ForAll("texts") String text) {
        try {
            String name = SnapshotName.require(text);
            assertThat(SnapshotName.require(name), is(name));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
        try {
            CloneSettings settings = settings(text, List.of(), "");
            assertThat(HostileText.isPlain(settings.name()), is(true));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
        try {
            CloneSettings settings = settings(null, List.of(text), text);
            String stored = settings.tags().stream().collect(Collectors.joining(";"));
            assertThat(new GuestConfig(Map.of("tags", stored)).tags().size(), is(1));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    private static CloneSettings settings(String name, List<String> tags, String description) {
        CloneSettings.Hardware hardware =
                new CloneSettings.Hardware(null, null, null, new CloudInit(null, "", null, null));
        return new CloneSettings(
                name, null, null, null, null, null, null, new TreeSet<>(tags), description, MARK, hardware);
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longTextsAreReadAtOnce(@ForAll("longTexts") String text) {
        cloudInitIsRefusedOrSafeInAConfiguration(text, text, text, text);
        namesAreRefusedOrPlain(text);
        aDescriptionHasAMarkOrNone(text);
    }
}
