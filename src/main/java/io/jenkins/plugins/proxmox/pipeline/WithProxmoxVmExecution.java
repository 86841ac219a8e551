package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.remoting.ProxyException;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.lease.EnclosingLeases;
import io.jenkins.plugins.proxmox.lease.LeaseReturns;
import io.jenkins.plugins.proxmox.lease.LeaseStart;
import io.jenkins.plugins.proxmox.lease.LeaseTerms;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.EnvironmentExpander;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/**
 * A running {@code withProxmoxVm}: it starts the guest, runs the body, and puts the guest back. Holds no thread while
 * it waits. Its lease is in the controller's list of leases; if this step cannot put the guest back, the controller does.
 */
final class WithProxmoxVmExecution extends StepExecution {
    private static final long serialVersionUID = 1L;

    private static final Logger LOGGER = Logger.getLogger(WithProxmoxVmExecution.class.getName());

    private enum Stage {
        STARTING,
        BODY,
        RETURNING
    }

    private final String lease = UUID.randomUUID().toString();

    private volatile LeaseTerms terms;

    /** Saved at the same moments as the Pipeline's own state of the body. */
    private volatile Stage stage = Stage.STARTING;

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

    /** Whether the step was told to stop before or after the body. */
    private volatile boolean aborted;

    private transient volatile LeaseStart start;

    /** Whether the step has ended, although the guest is not back. */
    private transient volatile boolean ended;

    WithProxmoxVmExecution(StepContext context, LeaseTerms terms) {
        super(context);
        this.terms = terms;
    }

    @Override
    public boolean start() throws IOException, InterruptedException {
        Run<?, ?> run = getContext().get(Run.class);
        terms = terms.on(ProxmoxServers.nameOf(run.getParent(), terms.server()));
        // a process that continues this build has to know this step before it may borrow anything
        PipelineSaver.of(getContext()).whenComplete((saved, failure) -> begin(failure));
        return false;
    }

    private void begin(@CheckForNull Throwable notSaved) {
        if (notSaved != null) {
            getContext().onFailure(new AbortException(Messages.WithProxmoxVmStep_notSaved(notSaved)));
            return;
        }
        try {
            bringUp();
        } catch (IOException | InterruptedException | RuntimeException e) {
            getContext().onFailure(e);
        }
    }

    @Override
    public void onResume() {
        try {
            switch (stage) {
                case STARTING -> bringUp();
                case BODY -> {
                    // continues by itself
                }
                case RETURNING -> putBack();
            }
        } catch (IOException | InterruptedException e) {
            getContext().onFailure(e);
        }
    }

    private void bringUp() throws IOException, InterruptedException {
        LeaseStart run =
                LeaseStart.of(getContext().get(Run.class), StepLog.of(getContext()), lease, terms, enclosing());
        boolean isAborted;
        synchronized (this) {
            isAborted = failure != null;
            start = isAborted ? null : run;
        }
        if (isAborted) {
            // just now, or in an earlier process
            broughtUp(null, failure);
        } else {
            run.start().whenComplete(this::broughtUp);
        }
    }

    private EnclosingLeases enclosing() throws IOException, InterruptedException {
        EnclosingLeases around = getContext().get(EnclosingLeases.class);
        return around == null ? EnclosingLeases.NONE : around;
    }

    private void broughtUp(@CheckForNull Map<String, String> environment, @CheckForNull Throwable e) {
        try {
            if (environment == null || !beginBody(environment)) {
                turnBack(failure == null ? e : failure);
                getContext().saveState();
                putBack();
            }
        } catch (IOException | InterruptedException | RuntimeException x) {
            getContext().onFailure(x);
        }
    }

    /** Begins the body unless the build has just been aborted. */
    private synchronized boolean beginBody(Map<String, String> environment) throws IOException, InterruptedException {
        if (failure != null) {
            return false;
        }
        EnvironmentExpander told = EnvironmentExpander.merge(
                getContext().get(EnvironmentExpander.class), EnvironmentExpander.constant(environment));
        body = getContext()
                .newBodyInvoker()
                .withContext(told)
                .withContext(enclosing().with(lease))
                .withCallback(new BodyEnd(this))
                .start();
        return true;
    }

    private synchronized void turnBack(@CheckForNull Throwable why) {
        // a short body may end before beginBody knows of it
        body = null;
        stage = Stage.RETURNING;
        failure = why;
    }

    private void putBack() throws IOException, InterruptedException {
        TaskListener listener = StepLog.of(getContext());
        LeaseReturns.get().end(lease, hasFailed(), listener).whenComplete((done, e) -> broughtBack(e));
    }

    private void putBackAfterBody() throws IOException, InterruptedException {
        TaskListener listener = getContext().get(TaskListener.class);
        LeaseReturns.get().endUse(lease, hasFailed(), listener).whenComplete((done, e) -> broughtBack(e));
    }

    /** An abort by a person is no failure to look into. */
    private boolean hasFailed() {
        return failure != null
                && !(failure instanceof FlowInterruptedException interruption
                        && interruption.getCauses().stream()
                                .anyMatch(CauseOfInterruption.UserInterruption.class::isInstance));
    }

    private void broughtBack(@CheckForNull Throwable e) {
        if (ended) {
            return;
        }
        if (e != null && failure == null) {
            failure = e;
        } else if (e != null) {
            tell(String.valueOf(e.getMessage()));
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

    /**
     * Stops the body if it is running. Otherwise the step ends once the guest is back, or at once if it is aborted
     * again; then the controller puts the guest back.
     */
    @Override
    public void stop(@NonNull Throwable cause) {
        BodyExecution running;
        boolean first;
        synchronized (this) {
            running = body;
            first = !aborted;
            if (running == null) {
                aborted = true;
                failure = failure == null ? cause : failure;
            }
        }
        if (running != null) {
            running.cancel(cause);
            return;
        }
        // the abort must survive a restart, but aborting does not wait for the save
        getContext().saveState();
        LeaseStart starting = stage == Stage.STARTING ? start : null;
        if (stage == Stage.STARTING && starting == null) {
            // nothing has begun; begin() ends the step
            return;
        }
        if (!first) {
            tell(Messages.WithProxmoxVmStep_abortedAgain());
            ended = true;
            if (starting != null) {
                starting.giveUp();
            }
            getContext().onFailure(unsavedFailure == null ? failure : unsavedFailure);
        } else if (starting != null) {
            starting.abort();
        } else {
            tell(Messages.WithProxmoxVmStep_abortedWhilePuttingBack());
        }
    }

    private void tell(String line) {
        try {
            BuildConsole.of(StepLog.of(getContext())).accept(line);
        } catch (InterruptedException e) {
            LOGGER.log(Level.FINE, line, e);
        }
    }

    @Override
    public String getStatus() {
        LeaseStart starting = stage == Stage.STARTING ? start : null;
        return starting == null ? Leases.get().waitsFor(lease) : starting.waitsFor();
    }

    /**
     * Begins and ends the stage of the body at the same moments as the Pipeline does, so that both are saved together.
     */
    private static final class BodyEnd extends BodyExecutionCallback {
        private static final long serialVersionUID = 1L;

        private final WithProxmoxVmExecution step;

        BodyEnd(WithProxmoxVmExecution step) {
            this.step = step;
        }

        @Override
        public void onStart(StepContext context) {
            step.stage = Stage.BODY;
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
            step.turnBack(t);
            try {
                step.putBackAfterBody();
            } catch (IOException | InterruptedException e) {
                step.getContext().onFailure(t == null ? e : t);
            }
        }
    }
}
