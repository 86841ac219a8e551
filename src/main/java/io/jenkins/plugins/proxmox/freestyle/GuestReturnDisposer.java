package io.jenkins.plugins.proxmox.freestyle;

import hudson.AbortException;
import hudson.model.AbstractBuild;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.lease.LeaseReturns;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import jenkins.tasks.SimpleBuildWrapper;

/** Puts back a guest that was started for a build. In a Pipeline, it survives a restart of Jenkins. */
final class GuestReturnDisposer extends SimpleBuildWrapper.Disposer {
    private static final long serialVersionUID = 1L;

    private final String lease;

    GuestReturnDisposer(String lease) {
        this.lease = lease;
    }

    @Override
    public void tearDown(Run<?, ?> build, TaskListener listener) throws IOException, InterruptedException {
        try {
            boolean failed = Result.FAILURE.equals(build.getResult());
            await(LeaseReturns.get().endUse(lease, failed, listener), listener);
        } catch (AbortException e) {
            if (!(build instanceof AbstractBuild)) {
                throw e;
            }
            // Jenkins prints a stack trace of anything thrown here
            listener.error(e.getMessage());
            build.setResult(Result.FAILURE);
        }
    }

    /** Puts the guest back if there may be something to put back. The build fails with the failure of the start. */
    void afterFailedStart(TaskListener listener, Exception failure) {
        if (failure instanceof ExecutorWait.AbortedAgainException) {
            BuildConsole.of(listener).accept(Messages.GuestReturnDisposer_aborted());
            LeaseReturns.get().end(lease, false, listener);
            return;
        }
        try {
            await(LeaseReturns.get().end(lease, false, listener), listener);
        } catch (IOException e) {
            BuildConsole.of(listener).accept(e.getMessage());
            failure.addSuppressed(e);
        } catch (InterruptedException e) {
            // the build ends anyway
            failure.addSuppressed(e);
        }
    }

    private static void await(CompletableFuture<Void> end, TaskListener listener)
            throws IOException, InterruptedException {
        ExecutorWait.await(end, () -> BuildConsole.of(listener).accept(Messages.GuestReturnDisposer_aborted()));
    }
}
