package io.jenkins.plugins.proxmox.overview;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import hudson.ExtensionList;
import io.jenkins.plugins.proxmox.lease.ExampleLeases;
import io.jenkins.plugins.proxmox.lease.LeaseEntry;
import io.jenkins.plugins.proxmox.lease.Leases;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/** A controller that finds a damaged list of borrowed guests when it starts. */
class UnreadableLeasesAtStartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    private static Path list(JenkinsRule jenkins) {
        return jenkins.jenkins.getRootDir().toPath().resolve("proxmox-ve-leases.json");
    }

    private static UnreadableLeasesMonitor monitor() {
        return ExtensionList.lookupSingleton(UnreadableLeasesMonitor.class);
    }

    @Test
    void isWarnedOfWhatCouldNotBeReadAndKeepsTheRest() throws Throwable {
        sessions.then(jenkins -> {
            ExampleLeases.unreturned("damaged", "gone", 101, 1, "why");
            ExampleLeases.unreturned("whole", "gone", 100, 1, "why");
            String text = Files.readString(list(jenkins));
            Files.writeString(list(jenkins), text.replaceFirst("\"number\" : 7", "\"number\" : \"seven\""));
        });
        sessions.then(jenkins -> {
            assertThat(Leases.get().all().stream().map(LeaseEntry::id).toList(), contains("whole"));
            assertThat(monitor().isActivated(), is(true));
            assertThat(monitor().getFiles(), hasSize(1));
            assertThat(Files.readString(monitor().getFiles().get(0)), containsString("\"damaged\""));
            ExampleLeases.unreturned("new", "gone", 102, 1, "why");
            Files.writeString(list(jenkins), "no list");
        });
        sessions.then(jenkins -> {
            assertThat(Leases.get().all(), is(empty()));
            assertThat("the copy of before, and the one of now", monitor().getFiles(), hasSize(2));
            String page = jenkins.createWebClient().goTo("manage/").asNormalizedText();
            assertThat(page, containsString("could not read all of the list of Proxmox VE guests"));
            assertThat(page, containsString(monitor().getFiles().get(1).toString()));
        });
    }
}
