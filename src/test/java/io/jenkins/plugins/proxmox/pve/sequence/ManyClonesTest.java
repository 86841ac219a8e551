package io.jenkins.plugins.proxmox.pve.sequence;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fifty clones of one template at once by five identities, while another controller clones it as well. */
class ManyClonesTest {

    @ParameterizedTest
    @EnumSource(Generation.class)
    void allGetGuestsOfTheirOwnAndLeaveNothingBehind(Generation generation) throws Exception {
        try (ManyClones clones = new ManyClones(generation)) {
            ManyClones.Outcome outcome = clones.run(ManyClones::bySequence);
            assertThat("as many guests as clones", outcome.guests(), is(outcome.wanted()));
            assertThat(
                    "requests for a VMID per clone: " + outcome,
                    outcome.vmidRequestsPerClone(),
                    is(lessThanOrEqualTo(1.2)));
            assertThat("guests that are left", outcome.left(), is(0));
        }
    }

    /** Containers are cloned one after the other: most requests are refused and repeated, with the same VMID. */
    @ParameterizedTest
    @EnumSource(Generation.class)
    void containersTooWhoseCloneWaitsForItsTurn(Generation generation) throws Exception {
        try (ManyClones clones = new ManyClones(generation, GuestType.LXC, 10)) {
            ManyClones.Outcome outcome = clones.run(ManyClones::bySequence);
            assertThat("as many guests as clones", outcome.guests(), is(outcome.wanted()));
            assertThat(
                    "requests for a VMID per clone: " + outcome,
                    outcome.vmidRequestsPerClone(),
                    is(lessThanOrEqualTo(1.5)));
            assertThat("guests that are left", outcome.left(), is(0));
        }
    }
}
