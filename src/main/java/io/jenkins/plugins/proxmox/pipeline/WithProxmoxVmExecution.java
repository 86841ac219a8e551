package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.remoting.ProxyException;
import io.jenkins.plugins.proxmox.server.BorrowedGuest;
import io.jenkins.plugins.proxmox.server.BuildConsole;
import io.jenkins.plugins.proxmox.server.Loan;
import io.jenkins.plugins.proxmox.server.LoanTerms;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.EnvironmentExpander;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/**
 * {@code withProxmoxVm} under way: the guest is started, the body runs, the guest is put back. Holds no thread while it
 * waits. What must survive a restart is the {@link Loan}, whose phase tells where to go on, and what became of the body.
 */
final class WithProxmoxVmExecution extends StepExecution {
    private static final long serialVersionUID = 1L;

    private static final Logger LOGGER = Logger.getLogger(WithProxmoxVmExecution.class.getName());

    private volatile LoanTerms terms;

    private volatile Loan loan = Loan.begin();

    /** While it runs; afterwards it would hold its outcome, which perhaps cannot be saved. */
    private BodyExecution body;

    /** Of the body that went well. */
    private Kept result;

    /** Why the step fails, or is going to once the guest is put back: the start, the body or an abort; or null. */
    private volatile Throwable failure;

    /** Of the body, where it cannot be saved as it is; {@link #failure} then only tells of it. */
    private transient volatile Throwable unsavedFailure;

    private transient volatile BorrowedGuest guest;

    /** Whether it was told to stop before or after the body. */
    private volatile boolean aborted;

    /** Whether it was told so once more, so that the guest is left as it is. */
    private transient volatile boolean givenUp;

    WithProxmoxVmExecution(StepContext context, LoanTerms terms) {
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
        loan = loan.resumed();
        try {
            switch (loan.phase()) {
                case STARTING -> bringUp();
                case RETURNING -> putBack(turnBack(loan));
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

    private BorrowedGuest guest() throws IOException, InterruptedException {
        return new BorrowedGuest(
                getContext().get(Run.class), getContext().get(TaskListener.class), terms, loan, this::save);
    }

    private void broughtUp(@CheckForNull Loan lent, @CheckForNull Throwable e) {
        try {
            if (lent != null && beginBody(lent)) {
                return;
            }
            Loan reached = guest.loan();
            if (failure == null) {
                failure = e;
            }
            if (reached.isToBePutBack() && !givenUp) {
                BorrowedGuest back = turnBack(reached.returning());
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
    private synchronized boolean beginBody(Loan lent) throws IOException, InterruptedException {
        if (failure != null) {
            return false;
        }
        EnvironmentExpander told = EnvironmentExpander.merge(
                getContext().get(EnvironmentExpander.class), EnvironmentExpander.constant(lent.environment()));
        body = getContext()
                .newBodyInvoker()
                .withContext(told)
                .withCallback(new BodyEnd(this, lent))
                .start();
        return true;
    }

    /** From one moment to the next: who aborts meets either what was under way before, or what this returns. */
    private synchronized BorrowedGuest turnBack(Loan from) throws IOException, InterruptedException {
        // a short body may be over before beginBody knows of it
        body = null;
        loan = from;
        BorrowedGuest back = guest();
        guest = back;
        return back;
    }

    private void putBack(BorrowedGuest back) {
        back.putBack().whenComplete(this::broughtBack);
        if (givenUp) {
            // a moment before
            back.giveUp();
        }
    }

    private void broughtBack(@CheckForNull Loan returned, @CheckForNull Throwable e) {
        if (returned != null) {
            loan = returned;
        }
        if (e instanceof CancellationException) {
            tell(Messages.WithProxmoxVmStep_leftAsItIs());
        } else if (e != null && failure == null) {
            failure = e instanceof AbortException ? new AbortException(notPutBack(e)) : e;
        } else if (e != null && e != failure) {
            tell(notPutBack(e));
            failure.addSuppressed(e);
        }
        if (failure != null) {
            getContext().onFailure(unsavedFailure == null ? failure : unsavedFailure);
            return;
        }
        if (result != null && result.isLost()) {
            tell(Messages.WithProxmoxVmStep_resultLost());
        }
        getContext().onSuccess(result == null ? null : result.value());
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
        BorrowedGuest current;
        boolean first;
        synchronized (this) {
            running = present().phase() == Loan.Phase.LENT ? body : null;
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

    private void abort(BorrowedGuest current) {
        // the abort is to be remembered across a restart; who aborts does not wait for that
        getContext().saveState();
        Loan at = current.loan();
        if (at.phase() == Loan.Phase.RETURNING) {
            tell(Messages.WithProxmoxVmStep_abortedWhilePuttingBack());
        } else if (at.mayBeStarting() && !terms.cancelsTask()) {
            tell(Messages.WithProxmoxVmStep_abortedWhileStarting());
        } else {
            current.abort();
        }
    }

    private Loan present() {
        BorrowedGuest current = guest;
        return current == null ? loan : current.loan();
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

    private CompletionStage<Void> save(Loan reached) {
        loan = reached;
        return SavedBuild.of(getContext(), reached.operation().phase());
    }

    /** Begins and ends the phase of the body in the moments in which the Pipeline does, so that both are saved as one. */
    private static final class BodyEnd extends BodyExecutionCallback {
        private static final long serialVersionUID = 1L;

        private final WithProxmoxVmExecution step;
        private final Loan lent;

        BodyEnd(WithProxmoxVmExecution step, Loan lent) {
            this.step = step;
            this.lent = lent;
        }

        @Override
        public void onStart(StepContext context) {
            step.loan = lent;
        }

        @Override
        public void onSuccess(StepContext context, Object result) {
            step.result = Kept.of(result);
            end(null);
        }

        @Override
        public void onFailure(StepContext context, Throwable t) {
            if (Kept.canBeSaved(t)) {
                end(t);
            } else {
                // as Jenkins does with it on the page of the step
                step.unsavedFailure = t;
                end(new ProxyException(t));
            }
        }

        private void end(@CheckForNull Throwable t) {
            try {
                BorrowedGuest back;
                synchronized (step) {
                    step.failure = t;
                    back = step.turnBack(step.loan.returning());
                }
                step.putBack(back);
            } catch (IOException | InterruptedException e) {
                step.getContext().onFailure(t == null ? e : t);
            }
        }
    }
}
