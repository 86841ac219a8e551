package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.model.listeners.ItemListener;
import hudson.model.listeners.RunListener;
import io.jenkins.plugins.proxmox.build.BuildConsole;

/** Follows the builds that have borrowed guests: when they end, are deleted, or get another name. */
final class LeasedBuilds {

    private LeasedBuilds() {}

    @Extension
    public static final class Ends extends RunListener<Run<?, ?>> {

        /** Says in the log of the build what it leaves behind. */
        @Override
        public void onCompleted(Run<?, ?> build, @NonNull TaskListener listener) {
            BuildReference ended = BuildReference.of(build);
            for (LeaseEntry entry : Leases.get().all()) {
                if (entry.build().equals(ended) && entry.next() == null && entry.mayNeedReturn()) {
                    BuildConsole.of(listener)
                            .accept(
                                    entry.isClone()
                                            ? Messages.LeasedBuilds_notYetRemoved(entry.guest())
                                            : Messages.LeasedBuilds_notYetBack(entry.guest()));
                }
            }
        }

        @Override
        public void onFinalized(Run<?, ?> build) {
            LeaseReturns.get().takeOver(BuildReference.of(build));
        }

        @Override
        public void onDeleted(Run<?, ?> build) {
            LeaseReturns.get().takeOver(BuildReference.of(build));
        }
    }

    @Extension
    public static final class Moves extends ItemListener {

        @Override
        public void onLocationChanged(Item item, String oldFullName, String newFullName) {
            Leases.get().moved(oldFullName, newFullName);
        }
    }
}
