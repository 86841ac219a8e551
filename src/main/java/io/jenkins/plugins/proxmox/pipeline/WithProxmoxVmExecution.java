package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.remoting.ProxyException;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.Lease;
import io.jenkins.plugins.proxmox.build.LeaseTerms;
import io.jenkins.plugins.proxmox.build.LeasedGuest;
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
 * {@code withProxmoxVm} under way: the guest is started, the body runs, the guest is put back. Holds no thread while it
 * waits. What must survive a restart is the {@link Lease}, whose phase tells where to go on, and what became of the body.
 */
final class WithProxmoxVmExecution extends StepExecution {
    private static final long serialVersionUID = 1L;

    private static final Logger LOGGER = Logger.getLogger(WithProxmoxVmExecution.class.getName());

    private volatile LeaseTerms terms;

    private volatile Lease lease = Lease.begin();

    /** While it runs; afterwards it would hold its outcome, which perhaps cannot be saved. */
    private BodyExecution body;

    /** Of the body that went well. It can be of any kind, so it is not saved: after a restart the step returns null. */
    private transient Object result;

    /** Whether the body returned something, which {@link #result} no longer has after a restart. */
    private boolean returnedSomething;

    /** Why the step fails, or is going to once the guest is put back: the start, the body or an abort; or null. */
    private volatile Throwable failure;

    /** Of the body as it was; {@link #failure} is what can be saved of it. */
    private transient volatile Throwable unsavedFailure;

    private transient volatile LeasedGuest guest;

    /** Whether it was told to stop before or after the body. */
    private volatile boolean aborted;

    /** Whether it was told so once more, so that the guest is left as it is. */
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
                    // the body goes on by itself, or all is over
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

    private LeasedGuest guest() throws IOException, InterruptedException {
        return new LeasedGuest(
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
                LeasedGuest back = turnBack(reached.returning());
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

    /** Unless the build was aborted a moment before. */
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

    /** From one moment to the next: who aborts meets either what was under way before, or what this returns. */
    private synchronized LeasedGuest turnBack(Lease from) throws IOException, InterruptedException {
        // a short body may be over before beginBody knows of it
        body = null;
        lease = from;
        LeasedGuest back = guest();
        guest = back;
        return back;
    }

    private void putBack(LeasedGuest back) {
        back.putBack().whenComplete(this::broughtBack);
        if (givenUp) {
            // a moment before
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
     * In the body, its steps are told. Otherwise the guest is put back all the same, which may mean to await its start
     * first, unless the build is aborted once more.
     */
    @Override
    public void stop(@NonNull Throwable cause) {
        BodyExecution running;
        LeasedGuest current;
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

    private void abort(LeasedGuest current) {
        // the abort is to be remembered across a restart; who aborts does not wait for that
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
        LeasedGuest current = guest;
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
        return PipelineState.of(getContext(), reached.operation().phase());
    }

    /** Begins and ends the phase of the body in the moments in which the Pipeline does, so that both are saved as one. */
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
            // what a script throws may not be serializable; Jenkins shows it the same way on the page of the step
            boolean isJenkins = t instanceof FlowInterruptedException || t instanceof AbortException;
            step.unsavedFailure = t;
            end(isJenkins ? t : new ProxyException(t));
        }

        private void end(@CheckForNull Throwable t) {
            try {
                LeasedGuest back;
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
