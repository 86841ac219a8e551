package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class CloneMarkTest {

    private static final CloneMark MARK =
            new CloneMark("c0ffee", "folder/jöb", 12, "https://ci/", "one", true, Instant.EPOCH, null);

    @Test
    void isReadBackFromADescription() {
        assertThat(CloneMark.in(MARK.of(107).after("for a test")), is(MARK.of(107)));
        assertThat(CloneMark.in(MARK.after("")), is(MARK));
    }

    @Test
    void isReadWithoutWhatOthersMayHaveLeftOut() {
        CloneMark read = CloneMark.in("jenkins-clone: {\"controller\":\"c\",\"job\":\"j\",\"build\":3,\"id\":\"x\"}");
        assertThat(read, is(new CloneMark("c", "j", 3, "", "x", false, null, null)));
    }

    @Test
    void isNoneWhenSomebodyHasEditedIt() {
        for (String edited :
                new String[] {"{", "{}", "{\"controller\":\"c\",\"job\":\"j\",\"id\":\"x\",\"made\":\"today\"}"}) {
            assertThat(edited, CloneMark.in("jenkins-clone: " + edited), is(nullValue()));
        }
    }

    @Test
    void isSignedForOneGuest() {
        CloneMark.Signer signer = new ExampleSigner("c0ffee");
        CloneMark signed = MARK.signedBy(signer).of(107);
        assertThat(CloneMark.in(signed.after("for a test")), is(signed));
        assertThat(signed.isSignedBy(signer), is(true));
        assertThat("of no clone", MARK.signedBy(signer).isSignedBy(signer), is(false));
        assertThat("unsigned", MARK.of(107).isSignedBy(signer), is(false));
        assertThat("for another guest", signed.of(108).isSignedBy(signer), is(false));
        assertThat("by another controller", signed.isSignedBy(new ExampleSigner("decaf")), is(false));
        String edited = signed.after("").replace("\"lease\":true", "\"lease\":false");
        assertThat("edited", CloneMark.in(edited).isSignedBy(signer), is(false));
    }

    /** Whoever reads the notes of a clone, or a log, must not be able to sign for another VMID. */
    @Test
    void doesNotShowWhatItsSignatureIsMadeFrom() {
        CloneMark signed = MARK.signedBy(new ExampleSigner("c0ffee"));
        assertThat(signed.of(107).line(), not(containsString(signed.signature())));
        assertThat(signed.line(), not(containsString(signed.signature())));
        assertThat(signed.toString(), not(containsString(signed.signature())));
    }

    @Test
    void staysSignedWhateverItsJobIsCalled() {
        CloneMark.Signer signer = new ExampleSigner("c0ffee");
        String name = "j\u00f6b \u0007 \"quoted\" \u202e" + "x".repeat(2000);
        CloneMark signed = new CloneMark("c0ffee", name, 1, "https://ci/\n", "one", true, Instant.now(), null)
                .signedBy(signer)
                .of(107);
        assertThat(CloneMark.in(signed.after("")).isSignedBy(signer), is(true));
    }

    @Test
    void isTheSameForACloneAndItsCopies() {
        assertThat(MARK.isSame(MARK.of(107)), is(true));
        assertThat(MARK.isSame(new CloneMark("c0ffee", "folder/jöb", 12, "", "two", true, null, null)), is(false));
        assertThat(MARK.isSame(new CloneMark("decaf", "folder/jöb", 12, "", "one", true, null, null)), is(false));
        assertThat(MARK.isSame(null), is(false));
    }

    /** A build is looked up by it: under another name, it would seem to be over, and its clone nobody's. */
    @Test
    void namesItsJobAsItIs() {
        for (String job :
                new String[] {"two  blanks", " edge ", "\ud83d\udc69\u200d\ud83d\udcbb", "x/".repeat(400) + "x"}) {
            CloneMark mark = new CloneMark("c0ffee", job, 12, "", "one", true, Instant.EPOCH, 107);
            assertThat(CloneMark.in(mark.after("")), is(mark));
        }
    }

    @Test
    void isShownWithoutWhatALogInterprets() {
        CloneMark mark = new CloneMark("c0ffee", "a\n\u001b[8mha:b", 12, "", "one", true, Instant.EPOCH, 107);
        assertThat(mark.inWords(), is("a [8mha:b #12"));
    }
}
