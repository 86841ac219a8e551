package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.sameInstance;

import com.google.common.util.concurrent.ListenableFuture;
import hudson.model.Result;
import hudson.model.TaskListener;
import hudson.util.StreamTaskListener;
import java.io.IOException;
import java.io.OutputStream;
import org.jenkinsci.plugins.workflow.steps.BodyInvoker;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.junit.jupiter.api.Test;

/** Where a step logs that goes on after a crash. */
class StepLogTest {

    private static final TaskListener LOG = new StreamTaskListener(OutputStream.nullOutputStream(), null);

    /** The context of a step that has such a log, or whose end the graph of the Pipeline has already. */
    private static final class Context extends StepContext {

        private static final long serialVersionUID = 1L;

        private final transient TaskListener log;
        private final boolean isOver;

        Context(TaskListener log, boolean isOver) {
            this.log = log;
            this.isOver = isOver;
        }

        @Override
        public <T> T get(Class<T> key) throws IOException {
            if (isOver) {
                throw new IOException("not a head");
            }
            return key.cast(log);
        }

        @Override
        public void onSuccess(Object result) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void onFailure(Throwable failure) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public ListenableFuture<Void> saveState() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setResult(Result result) {
            throw new UnsupportedOperationException();
        }

        @Override
        public BodyInvoker newBodyInvoker() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean hasBody() {
            return false;
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    @Test
    void isThatOfTheStep() throws Exception {
        assertThat(StepLog.of(new Context(LOG, false)), is(sameInstance(LOG)));
    }

    @Test
    void keepsNothingOnceTheStepIsOverInTheGraphOfItsPipeline() throws Exception {
        assertThat(StepLog.of(new Context(LOG, true)), is(sameInstance(TaskListener.NULL)));
    }

    @Test
    void keepsNothingWithoutALog() throws Exception {
        assertThat(StepLog.of(new Context(null, false)), is(sameInstance(TaskListener.NULL)));
    }
}
