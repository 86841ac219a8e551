package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which VMID is drawn, and how many requests that takes. */
class VmidReservationsTest {

    private long now;

    private final VmidReservations reservations = new VmidReservations(() -> now);

    private final TreeSet<Integer> existing = new TreeSet<>();

    private int requests;

    private final VmidReservations.Question server = new VmidReservations.Question() {
        @Override
        public int lowestFree() {
            requests++;
            return IntStream.iterate(100, vmid -> vmid + 1)
                    .filter(vmid -> !existing.contains(vmid))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public boolean isFree(int vmid) {
            requests++;
            return !existing.contains(vmid);
        }
    };

    private int owners;

    private int draw() throws Exception {
        return reservations.draw("clone " + owners++, null, server);
    }

    @Test
    void takesTheLowestFreeOne() throws Exception {
        existing.add(100);
        assertThat(draw(), is(101));
        assertThat(requests, is(1));
    }

    @Test
    void givesEachOfManyAtOnceAnotherForOneRequestEach() throws Exception {
        for (int vmid = 100; vmid < 150; vmid++) {
            assertThat(draw(), is(vmid));
        }
        assertThat(requests, is(50));
    }

    @Test
    void passesOneThatAnotherControllerTookForOneRequestMore() throws Exception {
        draw();
        existing.add(101);
        assertThat(draw(), is(102));
        assertThat(requests, is(3));
    }

    /** It takes the lowest free one, as whoever asks without a VMID, for each guest of ours. */
    @Test
    void keepsOutOfTheWayOfAnotherControllerThatDrawsAtTheSameTime() throws Exception {
        for (int clone = 0; clone < 50; clone++) {
            String owner = "clone of ours " + clone;
            int vmid = reservations.draw(owner, null, server);
            existing.add(server.lowestFree());
            requests--;
            while (!existing.add(vmid)) {
                vmid = reservations.draw(owner, null, server);
            }
        }
        assertThat(existing.size(), is(100));
        assertThat(requests, is(lessThanOrEqualTo(60)));
    }

    @Test
    void passesLongRowsOfExistingGuestsInAFewRequests() throws Exception {
        for (int vmid = 101; vmid < 5000; vmid++) {
            existing.add(vmid);
        }
        assertThat(draw(), is(100));
        assertThat(existing.contains(draw()), is(false));
        assertThat(requests, is(lessThan(20)));
    }

    @Test
    void doesNotJumpOverAFreeOneBehindARow() throws Exception {
        existing.add(draw());
        for (int vmid = 101; vmid < 140; vmid++) {
            existing.add(vmid);
        }
        assertThat(draw(), is(140));
    }

    @Test
    void goesBackToTheLowestFreeOneWhenTheBurstIsOver() throws Exception {
        draw();
        existing.add(draw());
        now += TimeUnit.SECONDS.toNanos(31);
        assertThat("100 was drawn and may still come", draw(), is(102));
        now += TimeUnit.MINUTES.toNanos(2);
        assertThat("100 never came", draw(), is(100));
    }

    /** Only the lowest free one is certainly in the range that the administrator has set. */
    @Test
    void doesNotClimbInASteadyStream() throws Exception {
        Deque<Integer> alive = new ArrayDeque<>();
        for (int i = 0; i < 1000; i++) {
            int vmid = draw();
            assertThat("after " + i, vmid, is(lessThan(130)));
            existing.add(vmid);
            alive.add(vmid);
            if (i >= 5) {
                existing.remove(alive.remove());
            }
            now += TimeUnit.SECONDS.toNanos(5);
        }
    }

    @Test
    void asksForTheLowestOneAgainAfterManyDraws() throws Exception {
        for (int i = 0; i < 100; i++) {
            existing.add(draw());
        }
        existing.remove(100);
        existing.remove(103);
        assertThat("100 was drawn a moment ago, its guest is gone", draw(), is(200));
        now += TimeUnit.MINUTES.toNanos(2);
        assertThat(draw(), is(100));
    }

    @Test
    void givesAGuestThatHadToWaitItsVmidAgain() throws Exception {
        int first = reservations.draw("first", null, server);
        assertThat(draw(), is(101));
        requests = 0;
        now += TimeUnit.SECONDS.toNanos(50);
        assertThat(reservations.draw("first", first, server), is(100));
        now += TimeUnit.SECONDS.toNanos(50);
        assertThat("kept anew each time", reservations.draw("first", first, server), is(100));
        assertThat(requests, is(0));
    }

    @Test
    void givesNobodyWhatAnotherGuestHasGotMeanwhile() throws Exception {
        int first = reservations.draw("first", null, server);
        now += TimeUnit.MINUTES.toNanos(2);
        assertThat("forgotten by now", draw(), is(first));
        assertThat(reservations.draw("first", first, server), is(101));
    }
}
