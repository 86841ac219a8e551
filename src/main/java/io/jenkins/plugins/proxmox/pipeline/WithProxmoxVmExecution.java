package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.remoting.ProxyException;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.Lease;
import io.jenkins.plugins.proxmox.build.LeaseRun;
import io.jenkins.plugins.proxmox.build.LeaseTerms;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.EnvironmentExpander;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/**
 * A running {@code withProxmoxVm}: it starts the guest, runs the body, and puts the guest back. Holds no thread while
 * it waits. Two things must survive a restart: the {@link Lease}, whose phase shows where to continue, and the outcome
 * of the body.
 */
final class WithProxmoxVmExecution extends StepExecution {
    private static final long serialVersionUID = 1L;

    private static final Logger LOGGER = Logger.getLogger(WithProxmoxVmExecution.class.getName());

    private volatile LeaseTerms terms;

    private volatile Lease lease = Lease.begin();

    /** Null once the body has ended, because it would then hold its outcome, which may not be serializable. */
    private BodyExecution body;

    /** The result of the body. It can be of any type, so it is not saved: after a restart the step returns null. */
    private transient Object result;

    /** Whether the body returned something, which {@link #result} no longer has after a restart. */
    private boolean returnedSomething;

    /** Why the step fails, or will fail once the guest is put back: the start, the body or an abort; or null. */
    private volatile Throwable failure;

    /** The original failure of the body; {@link #failure} is the part that can be saved. */
    private transient volatile Throwable unsavedFailure;

    private transient volatile LeaseRun guest;

    /** Whether the step was told to stop before or after the body. */
    private volatile boolean aborted;

    /** Whether it was told to stop again, which leaves the guest as it is. */
    private transient volatile boolean givenUp;

    WithProxmoxVmExecution(StepContext context, LeaseTerms terms) {
        super(context);
        this.terms = terms;
    }

    @Override
    public boolean start() throws IOException, InterruptedException {
        bringUp();
        return false;
    }

    @Override
    public void onResume() {
        lease = lease.resumed();
        try {
            switch (lease.phase()) {
                case STARTING -> bringUp();
                case RETURNING -> putBack(turnBack(lease));
                default -> {
                    // the body continues by itself, or everything is done
                }
            }
        } catch (IOException | InterruptedException e) {
            getContext().onFailure(e);
        }
    }

    private void bringUp() throws IOException, InterruptedException {
        Run<?, ?> run = getContext().get(Run.class);
        terms = terms.on(ProxmoxServers.nameOf(run.getParent(), terms.server()));
        guest = guest();
        guest.start().whenComplete(this::broughtUp);
    }

    private LeaseRun guest() throws IOException, InterruptedException {
        return new LeaseRun(
                getContext().get(Run.class), getContext().get(TaskListener.class), terms, lease, this::save);
    }

    private void broughtUp(@CheckForNull Lease leased, @CheckForNull Throwable e) {
        try {
            if (leased != null && beginBody(leased)) {
                return;
            }
            Lease reached = guest.lease();
            if (failure == null) {
                failure = e;
            }
            if (reached.isToBePutBack() && !givenUp) {
                LeaseRun back = turnBack(reached.returning());
                getContext().saveState();
                putBack(back);
                return;
            }
            if (givenUp && (reached.isToBePutBack() || reached.mayBeStarting())) {
                tell(Messages.WithProxmoxVmStep_leftAsItIs());
            }
            getContext().onFailure(failure);
        } catch (IOException | InterruptedException | RuntimeException x) {
            getContext().onFailure(x);
        }
    }

    /** Begins the body unless the build has just been aborted. */
    private synchronized boolean beginBody(Lease leased) throws IOException, InterruptedException {
        if (failure != null) {
            return false;
        }
        EnvironmentExpander told = EnvironmentExpander.merge(
                getContext().get(EnvironmentExpander.class), EnvironmentExpander.constant(leased.environment()));
        body = getContext()
                .newBodyInvoker()
                .withContext(told)
                .withCallback(new BodyEnd(this, leased))
                .start();
        return true;
    }

    /** Switches to the return in one step, so that an abort meets either the earlier operation or the returned one. */
    private synchronized LeaseRun turnBack(Lease from) throws IOException, InterruptedException {
        // a short body may end before beginBody knows of it
        body = null;
        lease = from;
        LeaseRun back = guest();
        guest = back;
        return back;
    }

    private void putBack(LeaseRun back) {
        back.putBack().whenComplete(this::broughtBack);
        if (givenUp) {
            // aborted just before
            back.giveUp();
        }
    }

    private void broughtBack(@CheckForNull Lease returned, @CheckForNull Throwable e) {
        if (returned != null) {
            lease = returned;
        }
        if (e instanceof CancellationException) {
            tell(Messages.WithProxmoxVmStep_leftAsItIs());
        } else if (e != null && failure == null) {
            failure = e instanceof AbortException ? new AbortException(notPutBack(e)) : e;
        } else if (e != null && e != failure) {
            tell(notPutBack(e));
            (unsavedFailure == null ? failure : unsavedFailure).addSuppressed(e);
        }
        if (failure != null) {
            getContext().onFailure(unsavedFailure == null ? failure : unsavedFailure);
            return;
        }
        if (returnedSomething && result == null) {
            tell(Messages.WithProxmoxVmStep_resultLost());
        }
        getContext().onSuccess(result);
    }

    private String notPutBack(Throwable e) {
        return Messages.WithProxmoxVmStep_notPutBack(present().guest(), e.getMessage());
    }

    /**
     * Stops the body if it is running. Otherwise the guest is put back anyway, which may require waiting for its start
     * first, unless the build is aborted again.
     */
    @Override
    public void stop(@NonNull Throwable cause) {
        BodyExecution running;
        LeaseRun current;
        boolean first;
        synchronized (this) {
            running = present().phase() == Lease.Phase.IN_USE ? body : null;
            current = guest;
            first = !aborted;
            if (running == null) {
                aborted = true;
                givenUp = !first;
                failure = failure == null ? cause : failure;
            }
        }
        if (running != null) {
            running.cancel(cause);
        } else if (current == null) {
            getContext().onFailure(failure);
        } else if (first) {
            abort(current);
        } else {
            current.giveUp();
        }
    }

    private void abort(LeaseRun current) {
        // the abort must survive a restart, but aborting does not wait for the save
        getContext().saveState();
        Lease at = current.lease();
        if (at.phase() == Lease.Phase.RETURNING) {
            tell(Messages.WithProxmoxVmStep_abortedWhilePuttingBack());
        } else if (at.mayBeStarting() && !terms.cancelsTask()) {
            tell(Messages.WithProxmoxVmStep_abortedWhileStarting());
        } else {
            current.abort();
        }
    }

    private Lease present() {
        LeaseRun current = guest;
        return current == null ? lease : current.lease();
    }

    private void tell(String line) {
        try {
            BuildConsole.of(getContext().get(TaskListener.class)).accept(line);
        } catch (IOException | InterruptedException e) {
            LOGGER.log(Level.FINE, line, e);
        }
    }

    @Override
    public String getStatus() {
        return present().waitsFor();
    }

    private CompletionStage<Void> save(Lease reached) {
        lease = reached;
        return PipelineSaver.of(getContext(), reached.operation().phase());
    }

    /**
     * Begins and ends the phase of the body at the same moments as the Pipeline does, so that both are saved together.
     */
    private static final class BodyEnd extends BodyExecutionCallback {
        private static final long serialVersionUID = 1L;

        private final WithProxmoxVmExecution step;
        private final Lease leased;

        BodyEnd(WithProxmoxVmExecution step, Lease leased) {
            this.step = step;
            this.leased = leased;
        }

        @Override
        public void onStart(StepContext context) {
            step.lease = leased;
        }

        @Override
        public void onSuccess(StepContext context, Object result) {
            step.result = result;
            step.returnedSomething = result != null;
            end(null);
        }

        @Override
        public void onFailure(StepContext context, Throwable t) {
            // a script can throw something that is not serializable; Jenkins shows it the same way on the page of the
            // step
            boolean isJenkins = t instanceof FlowInterruptedException || t instanceof AbortException;
            step.unsavedFailure = t;
            end(isJenkins ? t : new ProxyException(t));
        }

        private void end(@CheckForNull Throwable t) {
            try {
                LeaseRun back;
                synchronized (step) {
                    step.failure = t;
                    back = step.turnBack(step.lease.returning());
                }
                step.putBack(back);
            } catch (IOException | InterruptedException e) {
                step.getContext().onFailure(t == null ? e : t);
            }
        }
    }
}
