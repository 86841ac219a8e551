package io.jenkins.plugins.proxmox.freestyle;

import hudson.AbortException;
import hudson.model.AbstractBuild;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.Lease;
import io.jenkins.plugins.proxmox.build.LeaseRun;
import io.jenkins.plugins.proxmox.build.LeaseTerms;
import java.io.IOException;
import jenkins.tasks.SimpleBuildWrapper;

/** Puts back a guest that was started for a build. In a Pipeline, it survives a restart of Jenkins. */
final class GuestReturnDisposer extends SimpleBuildWrapper.Disposer {
    private static final long serialVersionUID = 1L;

    private final LeaseTerms terms;
    private final Lease lease;

    GuestReturnDisposer(LeaseTerms terms, Lease lease) {
        this.terms = terms;
        this.lease = lease;
    }

    @Override
    public void tearDown(Run<?, ?> build, TaskListener listener) throws IOException, InterruptedException {
        try {
            putBack(build, listener);
        } catch (AbortException e) {
            if (!(build instanceof AbstractBuild)) {
                throw e;
            }
            // Jenkins prints a stack trace of anything thrown here
            listener.error(Messages.GuestReturnDisposer_failed(e.getMessage()));
            build.setResult(Result.FAILURE);
        }
    }

    /** Puts the guest back if there may be something to put back. The build fails with the failure of the start. */
    void afterFailedStart(Run<?, ?> build, TaskListener listener, Exception failure) {
        if (failure instanceof ExecutorWait.AbortedAgainException) {
            BuildConsole.of(listener)
                    .accept(Messages.GuestReturnDisposer_failed(Messages.GuestReturnDisposer_aborted()));
            return;
        }
        if (!lease.isToBePutBack()) {
            return;
        }
        if (failure instanceof InterruptedException) {
            BuildConsole.of(listener).accept(Messages.GuestReturnDisposer_abortedWhileStarting());
        }
        try {
            putBack(build, listener);
        } catch (IOException e) {
            BuildConsole.of(listener).accept(Messages.GuestReturnDisposer_failed(e.getMessage()));
            failure.addSuppressed(e);
        } catch (InterruptedException e) {
            // the build ends anyway
            BuildConsole.of(listener)
                    .accept(Messages.GuestReturnDisposer_failed(Messages.GuestReturnDisposer_aborted()));
            failure.addSuppressed(e);
        }
    }

    private void putBack(Run<?, ?> build, TaskListener listener) throws IOException, InterruptedException {
        LeaseRun guest = new LeaseRun(build, listener, terms, lease, LeaseRun.Progress.UNSAVED);
        ExecutorWait.await(guest.putBack(), guest::giveUp);
    }
}
