package io.jenkins.plugins.proxmox.pve.text;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import java.util.Locale;
import java.util.MissingResourceException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With {@code Texts_qaa.properties}, a translation of two texts of the client. */
class MessageBundleTest {

    private static final Locale TRANSLATED = Locale.forLanguageTag("qaa");

    private final Locale ofThisComputer = Locale.getDefault();
    private final MessageBundle wording = new MessageBundle(Texts.class);

    @AfterEach
    void readsAsBefore() {
        Locale.setDefault(ofThisComputer);
        MessageBundle.readBy(Locale::getDefault);
    }

    private static String complaintAbout(String address) {
        return assertThrows(IllegalArgumentException.class, () -> ServerAddress.parse(address))
                .getMessage();
    }

    private static String complaintAbout(int vmid) {
        return assertThrows(IllegalArgumentException.class, () -> GuestLocation.requireVmid(vmid))
                .getMessage();
    }

    @Test
    void speaksTheLanguageOfWhoeverReads() {
        MessageBundle.readBy(() -> TRANSLATED);
        assertThat(complaintAbout(""), is("Mankas adreso: tajpu nomon, ekzemple pve1.example.org."));
        assertThat(complaintAbout(7), is("Ne '7': VMID-oj iras de 100 ĝis 999999999."));
        MessageBundle.readBy(() -> Locale.ENGLISH);
        assertThat(complaintAbout(""), is("An address is missing: type a name such as pve1.example.org."));
    }

    @Test
    void speaksEnglishWhereATextIsNotTranslated() {
        MessageBundle.readBy(() -> TRANSLATED);
        assertThat(complaintAbout("pve1:x"), is("\"x\" is not a port number."));
        assertThat(wording.has("address.not-port"), is(true));
    }

    @Test
    void speaksEnglishWhereALanguageIsMissing() {
        MessageBundle.readBy(() -> Locale.forLanguageTag("qab"));
        assertThat(complaintAbout(""), is("An address is missing: type a name such as pve1.example.org."));
    }

    @Test
    void speaksTheLanguageOfTheComputerWhenNobodySaysWhoReads() {
        Locale.setDefault(TRANSLATED);
        assertThat(complaintAbout(""), is("Mankas adreso: tajpu nomon, ekzemple pve1.example.org."));
    }

    @Test
    void doesNotSpeakTheLanguageOfTheComputerToOthers() {
        Locale.setDefault(TRANSLATED);
        MessageBundle.readBy(() -> Locale.ENGLISH);
        assertThat(complaintAbout(""), is("An address is missing: type a name such as pve1.example.org."));
    }

    @Test
    void writesNumbersAsTheyAreInEveryLanguage() {
        for (Locale locale : new Locale[] {Locale.ENGLISH, Locale.GERMAN, Locale.forLanguageTag("ar-EG-u-nu-arab")}) {
            MessageBundle.readBy(() -> locale);
            assertThat(
                    complaintAbout(1_000_000_000), is("1000000000 is not a VMID: VMIDs range from 100 to 999999999."));
        }
    }

    @Test
    void takesValuesAsTheyAre() {
        MessageBundle.readBy(() -> Locale.ENGLISH);
        assertThat(complaintAbout("{0}'s"), is("\"{0}'s\" is not a host name or IP address."));
        assertThat(wording.text("proxy", null, "{1}"), is("proxy null:{1}"));
    }

    @Test
    void handsTheReaderOverToAnotherThread() {
        Thread here = Thread.currentThread();
        MessageBundle.readBy(() -> Thread.currentThread() == here ? TRANSLATED : Locale.ENGLISH);
        Callable<String> work = MessageBundle.forThisReader(() -> complaintAbout(""));
        CompletableFuture<String> both = CompletableFuture.supplyAsync(() -> {
            try {
                return work.call() + " " + complaintAbout("");
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
        assertThat(
                both.join(),
                is("Mankas adreso: tajpu nomon, ekzemple pve1.example.org."
                        + " An address is missing: type a name such as pve1.example.org."));
    }

    @Test
    void leavesOutEmptySentences() {
        assertThat(MessageBundle.sentences("One.", "", "Two."), is("One. Two."));
        assertThat(MessageBundle.sentences("One.", ""), is("One."));
    }

    @Test
    void doesNotKnowATextThatIsNotThere() {
        assertThat(wording.has("address.nowhere"), is(false));
        assertThrows(MissingResourceException.class, () -> wording.text("address.nowhere"));
    }
}
