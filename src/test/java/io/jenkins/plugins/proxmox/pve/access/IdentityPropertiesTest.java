package io.jenkins.plugins.proxmox.pve.access;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class IdentityPropertiesTest {

    private static final String[] WORDS = {"jenkins", "@pve", "@pam", "!ci", "=", "PVEAPIToken=", "DOMAIN\\", "."};

    @Provide
    Arbitrary<String> identities() {
        return HostileText.near("identities", WORDS);
    }

    @Provide
    Arbitrary<String> longIdentities() {
        return HostileText.repeated(WORDS);
    }

    @Provide
    Arbitrary<String> aclPaths() {
        return HostileText.of("/", "/vms", "/sdn/zones/", "localnetwork", "/vmbr0", "/5", "zone", "/vnet1");
    }

    @Fuzzed
    void aTokenIdIsReadOrRefusedWithWords(@ForAll("identities") String text) {
        try {
            TokenId id = TokenId.parse(text);
            assertThat(TokenId.parse(id.toString()), is(id));
            assertThat(HostileText.isPlain(id.toString()), is(true));
            // explanations ask the server about the user
            ApiPath.of("access", "users", id.userId());
        } catch (IllegalArgumentException e) {
            assertThat(TokenId.isTokenId(text), is(false));
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longIdentitiesAreReadAtOnce(@ForAll("longIdentities") String text) {
        aTokenIdIsReadOrRefusedWithWords(text);
    }

    @Fuzzed
    void networksAreTheSameOnlyIfTheyHaveTheSameName(
            @ForAll("aclPaths") String guess, @ForAll("aclPaths") String other) {
        if (NetworkPath.mayBe(guess, other)) {
            String network = guess.substring(NetworkPath.of("").length());
            assertThat(other.endsWith("/" + network), is(true));
        }
    }

    @Fuzzed
    void aPathHasNoMoreRightsThanThoseAboveItGive(
            @ForAll("aclPaths") String one, @ForAll("aclPaths") String other, @ForAll("aclPaths") String asked) {
        Assume.that(!("x" + other).equals(one));
        Permissions permissions = new Permissions(Map.of(
                "/" + one, Map.of("VM.Audit", true),
                "/x" + other, Map.of("VM.PowerMgmt", false)));
        boolean below = asked.equals("/" + one) || "/".equals("/" + one) || asked.startsWith("/" + one + "/");
        if (permissions.allow("VM.Audit", asked)) {
            assertThat(below || ("/" + one).endsWith("/"), is(true));
        }
        if (permissions.allow("VM.PowerMgmt", asked)) {
            assertThat(asked, is("/x" + other));
        }
        permissions.ownPaths();
        permissions.pathAboveWith("VM.Audit", asked);
    }
}
