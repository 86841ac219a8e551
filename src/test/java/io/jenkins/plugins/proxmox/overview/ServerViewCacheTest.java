package io.jenkins.plugins.proxmox.overview;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.sameInstance;

import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ServerViewCacheTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    private final ProxmoxServer lab = new ProxmoxServer("lab", "pve1");
    private final AtomicLong clock = new AtomicLong();
    private final AtomicInteger taken = new AtomicInteger();
    private final ServerViewCache views = new ServerViewCache(this::view, clock::get);

    private ServerView view(ProxmoxServer server) {
        taken.incrementAndGet();
        return new ServerView.Unasked(Instant.now());
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    @Test
    void showsTheSameViewToAllWhoLookWithinTenSeconds() throws Exception {
        ServerView first = views.of(lab, LONG);
        pass(ServerViewCache.FRESH);
        assertThat(views.of(lab, LONG), is(sameInstance(first)));
        pass(Duration.ofMillis(1));
        assertThat(views.of(lab, LONG), is(not(sameInstance(first))));
        assertThat(taken.get(), is(2));
    }

    @Test
    void takesANewViewForOneWhoRefreshesButNotAtEveryClick() throws Exception {
        views.of(lab, LONG);
        views.renew(lab);
        views.of(lab, LONG);
        assertThat(taken.get(), is(1));
        pass(Duration.ofSeconds(3));
        views.renew(lab);
        views.of(lab, LONG);
        assertThat(taken.get(), is(2));
    }

    @Test
    void asksAServerOnceAtATimeAndAllServersAtOnce() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        ServerViewCache slow = new ServerViewCache(
                server -> {
                    begun.countDown();
                    await(end);
                    return view(server);
                },
                clock::get);
        ProxmoxServer office = new ProxmoxServer("office", "pve2");
        for (ProxmoxServer server : List.of(lab, lab, office, lab)) {
            assertThat(slow.of(server, Duration.ZERO), is(nullValue()));
            slow.renew(server);
        }
        assertThat(begun.await(10, TimeUnit.SECONDS), is(true));
        end.countDown();
        slow.of(lab, LONG);
        slow.of(office, LONG);
        assertThat(taken.get(), is(2));
    }

    @Test
    void saysThatAServerIsSlowButGoesOnWaiting() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        ServerViewCache slow = new ServerViewCache(
                server -> {
                    await(end);
                    return view(server);
                },
                clock::get);
        assertThat(slow.of(lab, Duration.ofMillis(1)), is(nullValue()));
        pass(ServerViewCache.PATIENCE.plusMillis(1));
        assertThat(slow.of(lab, Duration.ofMillis(1)), is(instanceOf(ServerView.Unseen.class)));
        end.countDown();
        assertThat(slow.of(lab, LONG), is(instanceOf(ServerView.Unasked.class)));
        assertThat(taken.get(), is(1));
    }

    @Test
    void showsTheSameViewAfterAnEqualConfigurationWasSaved() throws Exception {
        ServerView before = views.of(lab, LONG);
        ProxmoxServer equal = new ProxmoxServer("lab", "pve1");
        equal.setFolders(List.of("team"));
        views.keepOnly(List.of(equal));
        assertThat(views.of(equal, LONG), is(sameInstance(before)));
    }

    @Test
    void knowsNothingOfAServerWhoseConfigurationWasChanged() throws Exception {
        ServerView before = views.of(lab, LONG);
        ProxmoxServer changed = new ProxmoxServer("lab", "pve2");
        views.keepOnly(List.of(changed));
        assertThat(views.of(changed, LONG), is(not(sameInstance(before))));
        assertThat(views.of(lab, LONG), is(not(sameInstance(before))));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
