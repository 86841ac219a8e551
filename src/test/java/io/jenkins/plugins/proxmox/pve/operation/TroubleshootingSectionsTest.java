package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.diagnosis.Pages;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sections of {@code docs/troubleshooting.md} about guests have the commands and states that operations tell of. */
class TroubleshootingSectionsTest {

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** From the heading to the next one. */
    private static String section(String heading) {
        String page = Pages.read("docs/troubleshooting.md");
        String link = heading.toLowerCase(Locale.ROOT).replace(' ', '-');
        assertThat("the table of symptoms leads there", page, containsString("(#" + link + ")"));
        return page.split("\n### " + heading + "\n", 2)[1].split("\n##", 2)[0];
    }

    private static List<String> firstColumn(String section) {
        return section.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|")[1])
                .flatMap(cell -> CODE.matcher(cell).results().map(found -> found.group(1)))
                .toList();
    }

    private static List<String> advice(int vmid, GuestType type, String lock) {
        GuestLocation location = new GuestLocation("pve1", type, vmid);
        return StaleLock.advice(
                new ObservedGuest(location, "", "stopped", "", 0, false, lock, null, Instant.EPOCH), lock);
    }

    @Test
    void showHowALockIsReleased() {
        String section = section("Lock");
        for (String command : advice(100, GuestType.QEMU, "backup").subList(1, 3)) {
            assertThat(section, containsString("\n" + command.trim() + "\n"));
        }
        assertThat(
                section,
                containsString("`" + advice(200, GuestType.LXC, "disk").get(2).trim() + "`"));
        assertThat(
                section,
                containsString(
                        "`" + advice(200, GuestType.LXC, "mounted").get(2).trim() + "`"));
    }

    @Test
    void haveTheCautionOfEachLock() {
        int plain = advice(100, GuestType.QEMU, "disk").get(0).length();
        List<String> locks = firstColumn(section("Lock"));
        assertThat(locks, hasItems("create", "clone", "snapshot-delete", "rollback", "migrate"));
        for (String lock : locks) {
            String told = advice(100, GuestType.QEMU, lock).get(0);
            assertThat(lock, told.length() - lock.length() > plain, is(true));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ha.idle.command", "ha.disarmed.command"})
    void showTheCommandsAboutHighAvailability(String key) {
        assertThat(
                section("High availability idle or disarmed"),
                containsString(
                        "\n" + ResourceBundle.getBundle(Texts.class.getName()).getString(key) + "\n"));
    }

    @Test
    void showTheCommandAboutTheCluster() {
        assertThat(Texts.of("cluster.advice"), containsString("pvecm status"));
        assertThat(section("Cluster that knows no node"), containsString("\npvecm status\n"));
    }

    @Test
    void listTheStatesInWhichAGuestStandsStill() {
        List<String> states = firstColumn(section("Guest that stands still"));
        assertThat(states, hasItems("io-error", "internal-error", "guest-panicked", "watchdog", "debug", "prelaunch"));
        for (String state : states) {
            assertThat(state, RunState.isHalted(state) || RunState.isBeginning(state), is(true));
        }
    }
}
