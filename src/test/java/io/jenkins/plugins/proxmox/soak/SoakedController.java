package io.jenkins.plugins.proxmox.soak;

import com.cloudbees.plugins.credentials.CredentialsMatchers;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsStore;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.model.FreeStyleProject;
import hudson.model.Job;
import hudson.model.Result;
import hudson.model.Run;
import hudson.security.ACL;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.build.GuestTimeline;
import io.jenkins.plugins.proxmox.lease.LeaseEntry;
import io.jenkins.plugins.proxmox.lease.LeaseReturns;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.load.ControllerGauge;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jvnet.hudson.test.JenkinsRule;

/** What the soak does in the process of the controller. */
final class SoakedController {

    private SoakedController() {}

    /** How the controller reaches a server. */
    record Settings(
            String name,
            String addresses,
            String credentialsId,
            String tokenId,
            String secret,
            String ca,
            String fingerprint,
            int connectTimeout,
            int responseTimeout)
            implements Serializable {}

    /** A build that was begun. */
    record Begun(String job, int number) implements Serializable {}

    /** An operation in the timeline of a build. */
    record Entry(String guest, String action, String outcome, String upid, String message) implements Serializable {}

    /**
     * What came of a build.
     *
     * @param known whether there is a record of it at all
     * @param result null if it has none, as a freestyle build that went down with the controller
     * @param description what a Pipeline says of its operations
     */
    record Outcome(Begun build, boolean known, String result, String description, ArrayList<Entry> entries, String log)
            implements Serializable {

        boolean isSuccess() {
            return Result.SUCCESS.toString().equals(result);
        }
    }

    /** What has changed since the last look. */
    record Look(ArrayList<Begun> begun, ArrayList<Outcome> over, ArrayList<String> leases) implements Serializable {}

    static void configure(JenkinsRule jenkins, ArrayList<Settings> servers) throws Exception {
        List<ProxmoxServer> configured = new ArrayList<>();
        for (Settings each : servers) {
            put(ConfiguredProxmox.token(each.credentialsId, each.tokenId, each.secret));
            ProxmoxServer server = new ProxmoxServer(each.name, each.addresses);
            server.setCredentialsId(each.credentialsId);
            server.setCaCertificates(each.ca);
            server.setFingerprint(each.fingerprint);
            server.setConnectTimeout(each.connectTimeout);
            server.setResponseTimeout(each.responseTimeout);
            server.setApiRules(List.of("PUT /nodes/*/qemu/*/config", "PUT /nodes/*/lxc/*/config"));
            configured.add(server);
        }
        ProxmoxConfiguration.get().setServers(configured);
        jenkins.jenkins.setNumExecutors(20);
        ControllerGauge.here().start();
    }

    private static void put(StandardCredentials credentials) throws Exception {
        CredentialsStore store =
                CredentialsProvider.lookupStores(Jenkins.get()).iterator().next();
        StandardCredentials present = CredentialsMatchers.firstOrNull(
                CredentialsProvider.lookupCredentialsInItemGroup(
                        StandardCredentials.class, Jenkins.get(), ACL.SYSTEM2, List.of()),
                CredentialsMatchers.withId(credentials.getId()));
        if (present == null) {
            store.addCredentials(Domain.global(), credentials);
        } else {
            store.updateCredentials(Domain.global(), present, credentials);
        }
    }

    /** Begins builds, and returns which of those that run are over. */
    static Look look(JenkinsRule jenkins, ArrayList<Order> orders, ArrayList<Begun> running) throws Exception {
        ArrayList<Begun> begun = new ArrayList<>();
        for (Order order : orders) {
            begun.add(order.freestyle() ? beginFreestyle(jenkins, order) : beginPipeline(jenkins, order));
        }
        ArrayList<Outcome> over = new ArrayList<>();
        for (Begun each : running) {
            Job<?, ?> job = jenkins.jenkins.getItemByFullName(each.job, Job.class);
            Run<?, ?> run = job == null ? null : job.getBuildByNumber(each.number);
            if (run == null) {
                over.add(new Outcome(each, false, null, null, new ArrayList<>(), ""));
            } else if (isOver(run)) {
                over.add(outcome(each, run));
            }
        }
        ArrayList<String> leases = new ArrayList<>();
        for (LeaseEntry lease : Leases.get().all()) {
            leases.add(lease.server() + " " + lease.guest());
        }
        return new Look(begun, over, leases);
    }

    /** A Pipeline that went down before its first step has no program, and counts as building for ever. */
    private static boolean isOver(Run<?, ?> run) {
        boolean neverBegan = run instanceof WorkflowRun pipeline
                && pipeline.getExecution() == null
                && System.currentTimeMillis() - run.getStartTimeInMillis() > TimeUnit.MINUTES.toMillis(1);
        return neverBegan || !run.isBuilding();
    }

    private static Begun beginPipeline(JenkinsRule jenkins, Order order) throws Exception {
        WorkflowJob job = jenkins.jenkins.getItemByFullName(order.job(), WorkflowJob.class);
        if (job == null) {
            job = jenkins.createProject(WorkflowJob.class, order.job());
        }
        job.setDefinition(new CpsFlowDefinition(order.script(), true));
        return new Begun(order.job(), job.scheduleBuild2(0).waitForStart().getNumber());
    }

    private static Begun beginFreestyle(JenkinsRule jenkins, Order order) throws Exception {
        FreeStyleProject job = jenkins.jenkins.getItemByFullName(order.job(), FreeStyleProject.class);
        if (job == null) {
            job = jenkins.createFreeStyleProject(order.job());
        }
        FreestyleSteps.put(job, order.operations());
        return new Begun(order.job(), job.scheduleBuild2(0).waitForStart().getNumber());
    }

    private static Outcome outcome(Begun build, Run<?, ?> run) throws Exception {
        ArrayList<Entry> entries = new ArrayList<>();
        GuestTimeline timeline = run.getAction(GuestTimeline.class);
        if (timeline != null) {
            timeline.getEntries()
                    .forEach(each -> entries.add(new Entry(
                            each.getGuest(),
                            each.getAction(),
                            each.getOutcome().name(),
                            each.getUpid(),
                            each.getMessage())));
        }
        Result result = run.getResult();
        return new Outcome(
                build,
                true,
                result == null ? null : result.toString(),
                run.getDescription(),
                entries,
                String.join("\n", run.getLog(400)));
    }

    /** Aborts a build as somebody does who is tired of it. */
    static void abort(JenkinsRule jenkins, Begun build) {
        Job<?, ?> job = jenkins.jenkins.getItemByFullName(build.job, Job.class);
        Run<?, ?> run = job == null ? null : job.getBuildByNumber(build.number);
        if (run instanceof WorkflowRun pipeline) {
            pipeline.doStop();
        } else if (run != null && run.getExecutor() != null) {
            run.getExecutor().interrupt();
        }
    }

    /** Lets Jenkins try again at once what it would try again later. */
    static void tryAgain(JenkinsRule jenkins) {
        for (LeaseEntry each : Leases.get().all()) {
            LeaseReturns.get().tryNow(each.id());
        }
    }

    /** What stands in the way of an empty list, in words. */
    static ArrayList<String> leases(JenkinsRule jenkins) {
        ArrayList<String> left = new ArrayList<>();
        for (LeaseEntry each : Leases.get().all()) {
            left.add(each.server() + " " + each.guest() + " of " + each.build() + ": " + each.lease() + ", failures "
                    + each.failures() + " " + each.failure());
        }
        return left;
    }

    static ControllerGauge.Figures figures(JenkinsRule jenkins) throws InterruptedException {
        // idle threads of the plugin end after half a minute
        TimeUnit.SECONDS.sleep(35);
        return ControllerGauge.here().read();
    }
}
