package io.jenkins.plugins.proxmox.security;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import java.util.ArrayList;
import java.util.List;
import org.jenkinsci.plugins.scriptsecurity.sandbox.whitelists.Whitelisted;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** A script in the sandbox reaches the steps of this plugin and plain values, and none of its classes. */
@WithJenkins
class SandboxTest {

    private static final String PLUGIN = WebMethods.ROOT;

    private static SecuredJenkins jenkins;
    private static ConfiguredProxmox lab;

    @BeforeAll
    static void start(JenkinsRule rule) throws Exception {
        jenkins = new SecuredJenkins(rule);
        lab = ConfiguredProxmox.start();
        ProxmoxConfiguration.get().getServers().get(0).setApiRules(List.of("GET /**", "POST /nodes/**"));
        lab.proxmox.cluster().guest(101).snapshot("clean");
        lab.proxmox.access().role("clones", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage/local", "jenkins@pve", "clones");
        lab.proxmox.access().grant("/sdn/zones", "jenkins@pve", "clones");
    }

    @AfterAll
    static void stop() throws Exception {
        lab.close();
        jenkins.rule.after();
    }

    private static WorkflowRun run(Result result, String script) throws Exception {
        return jenkins.rule.buildAndAssertStatus(result, jenkins.pipeline(jenkins.team, "sandboxed", script));
    }

    @Test
    void noScriptReachesAClass() throws Exception {
        lab.proxmox.forgetRequests();
        for (String script : List.of(
                PLUGIN + ".server.ProxmoxConfiguration.get()",
                PLUGIN + ".server.ProxmoxConfiguration.get().servers",
                PLUGIN + ".server.ServerConnections.of(null)",
                PLUGIN + ".lease.Leases.get().all()",
                PLUGIN + ".lease.LeaseReturns.get().tryNow('x')",
                "new " + PLUGIN + ".server.ProxmoxServer('x', 'evil.example.org')",
                "new " + PLUGIN + ".credentials.ProxmoxApiToken(null, 'x', '', 'a@pve!b', null)",
                "new " + PLUGIN + ".pve.client.ApiToken(null, 'x')",
                "new " + PLUGIN + ".pipeline.ProxmoxVmStep('start')",
                "new " + PLUGIN + ".pipeline.ProxmoxVmStep('start').start(null)",
                "new " + PLUGIN + ".freestyle.GuestBuildStep('start')",
                "new " + PLUGIN + ".credentials.ProxmoxApiTokenBinding('ci')",
                PLUGIN + ".pve.text.SafeText.singleLine('x')",
                "Class.forName('" + PLUGIN + ".server.ProxmoxConfiguration')",
                "this.class.classLoader.loadClass('" + PLUGIN + ".server.ProxmoxConfiguration')",
                "proxmoxStatus(vmid: 100).getClass().classLoader",
                "proxmoxStatus(vmid: 100).getClass().forName('" + PLUGIN + ".lease.Leases')",
                "jenkins.model.Jenkins.instance.getDescriptor('ProxmoxServer')",
                "jenkins.model.Jenkins.get().getExtensionList('" + PLUGIN + ".server.ProxmoxConfiguration')",
                "currentBuild.rawBuild.getAction(" + PLUGIN + ".build.GuestTimeline)",
                "(proxmoxStatus(vmid: 100) as " + PLUGIN + ".server.ProxmoxServer)",
                "['x', 'y'] as " + PLUGIN + ".server.ProxmoxServer",
                PLUGIN + ".server.ProxmoxServer s = ['x', 'y']")) {
            WorkflowRun run = run(Result.FAILURE, script);
            assertThat(
                    script,
                    JenkinsRule.getLog(run),
                    anyOf(
                            containsString("Scripts not permitted to use"),
                            containsString("RejectedAccessException"),
                            containsString("unclassified")));
        }
        assertThat("nothing but looks", lab.proxmox.writes(), is(empty()));
    }

    /** Nothing of this plugin is marked as harmless for scripts. */
    @Test
    void nothingIsWhitelisted() throws Exception {
        List<String> open = new ArrayList<>();
        for (Class<?> type : WebMethods.classes()) {
            for (var method : type.getDeclaredMethods()) {
                if (method.isAnnotationPresent(Whitelisted.class)) {
                    open.add(method.toString());
                }
            }
            for (var constructor : type.getDeclaredConstructors()) {
                if (constructor.isAnnotationPresent(Whitelisted.class)) {
                    open.add(constructor.toString());
                }
            }
            if (Class.forName("org.jenkinsci.plugins.scriptsecurity.sandbox.Whitelist")
                    .isAssignableFrom(type)) {
                open.add(type.toString());
            }
        }
        assertThat(open, is(empty()));
    }

    /** What steps return is of the JDK, and can be read, serialized and written as JSON in the sandbox. */
    @Test
    void stepsReturnPlainValues() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                def problems = []
                def look
                look = { String where, value ->
                    if (value == null || value instanceof String || value instanceof Number || value instanceof Boolean) {
                        return
                    }
                    if (value instanceof Map) {
                        for (each in value.keySet()) { look(where + '.' + each, value[each]) }
                        return
                    }
                    if (value instanceof List) {
                        for (each in value) { look(where + '[]', each) }
                        return
                    }
                    problems << where
                }
                look('vm', proxmoxVm(action: 'start', vmid: 100))
                look('status', proxmoxStatus(vmid: 100))
                look('statuses', proxmoxStatus())
                look('snapshots', proxmoxSnapshot(action: 'list', vmid: 101))
                look('snapshot', proxmoxSnapshot(action: 'create', vmid: 101, snapshot: 'another'))
                look('api', proxmoxApi(path: '/cluster/resources'))
                look('write', proxmoxApi(method: 'POST', path: '/nodes/pve1/qemu/100/status/stop'))
                look('exec', proxmoxExec(vmid: 101, command: 'echo x', returnStdout: true))
                look('code', proxmoxExec(vmid: 101, command: 'exit 3', returnStatus: true))
                look('clone', proxmoxClone(template: 900, name: 'sandboxed'))
                look('delete', proxmoxDelete(name: 'sandboxed'))
                look('body', withProxmoxVm(vmid: 100) { 'text' })
                echo "problems: ${problems}"
                """);
        jenkins.rule.assertLogContains("problems: []", run);
    }

    /** A step takes plain values too, and does not keep or call what a script makes of its own. */
    @Test
    void stepsTakePlainValues() throws Exception {
        lab.proxmox.forgetRequests();
        for (String step : List.of(
                "proxmoxVm action: 'start', vmid: 100, server: [$class: 'ProxmoxServer', name: 'x', addresses: 'y']",
                "proxmoxVm action: 'start', vmid: [toString: { 100 }]",
                "proxmoxApi path: '/version', parameters: [x: [$class: 'ProxmoxServer', name: 'x', addresses: 'y']]",
                "proxmoxExec vmid: 101, command: [$class: 'ProxmoxServer', name: 'x', addresses: 'y']",
                "proxmoxExec vmid: 101, command: [['nested']]")) {
            WorkflowRun run = run(Result.FAILURE, step);
            assertThat(step, JenkinsRule.getLog(run), not(containsString("NotSerializableException")));
        }
        assertThat(lab.proxmox.requests(), is(empty()));
        assertThat(ProxmoxConfiguration.get().getServers(), hasSize(1));
    }
}
