package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildSequence;
import io.jenkins.plugins.proxmox.build.KnownServer;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import io.jenkins.plugins.proxmox.pve.sequence.SequenceState;
import java.io.IOException;

/** Operations that a build step carries out in the thread in which it runs. */
final class BlockingSequence {

    private BlockingSequence() {}

    /**
     * Carries them out; the steps after it find the guest, unless it was deleted, in their environment.
     *
     * @param credentialsId null for those of the server
     */
    static void run(
            Run<?, ?> build,
            TaskListener listener,
            String server,
            @CheckForNull String credentialsId,
            OperationSequence sequence)
            throws IOException, InterruptedException {
        BuildSequence operations = new BuildSequence(
                build,
                listener,
                server,
                credentialsId,
                new KnownServer(),
                sequence,
                SequenceState.begin(),
                BuildSequence.UNSAVED);
        SequenceState done = ExecutorWait.awaitWhole(operations.begin(), operations::abort, () -> {});
        ObservedGuest guest = done.guest(sequence);
        if (guest != null) {
            build.addOrReplaceAction(new GuestVariables(
                    guest, done.last().availability().network().ip()));
        }
    }
}
