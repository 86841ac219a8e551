package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.plugins.credentials.CredentialsParameterDefinition;
import com.cloudbees.plugins.credentials.CredentialsParameterValue;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.model.FreeStyleProject;
import hudson.model.ParametersAction;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.StringParameterDefinition;
import hudson.tasks.BuildWrapper;
import hudson.tasks.Builder;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** Each mistake in a field has one clear line in the log and sends nothing that could change something. */
@WithOneJenkins
class BadInputTest {

    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start();
    }

    @AfterEach
    void stopServer() {
        lab.close();
    }

    private void fails(FreeStyleProject job, String message) throws Exception {
        Run<?, ?> build = jenkins.buildAndAssertStatus(Result.FAILURE, job);
        jenkins.assertLogContains("ERROR: " + message, build);
        assertThat(JenkinsRule.getLog(build), not(containsString("\tat ")));
        assertThat(message, lab.proxmox.writes().size(), is(0));
    }

    private void fails(Builder step, String message) throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.addProperty(new ParametersDefinitionProperty(
                new StringParameterDefinition("NOTHING", ""), new StringParameterDefinition("TEXT", "web-1")));
        job.getBuildersList().add(step);
        fails(job, message);
        assertThat(message, lab.requests(), is(0));
    }

    private static GuestBuildStep starting(Consumer<GuestBuildStep> choice) {
        GuestBuildStep step = new GuestBuildStep("start");
        choice.accept(step);
        return step;
    }

    @Test
    void aGuestIsNamedOnceAndRight() throws Exception {
        fails(new GuestBuildStep("start"), "No guest is given: set vmid: 100 or name: 'web-1'.");
        fails(
                starting(step -> {
                    step.setVmid("100");
                    step.setName("web-1");
                }),
                "Both vmid: 100 and name: 'web-1' are given: set only one of them.");
        fails(
                starting(step -> step.setVmid("0")),
                "vmid: \"0\" is not a VMID. VMIDs are numbers from 100 to 999999999.");
        fails(
                starting(step -> step.setVmid("web-1")),
                "vmid: \"web-1\" is not a VMID. VMIDs are numbers from 100 to 999999999. "
                        + "To choose a guest by name, use name.");
        fails(
                starting(step -> {
                    step.setVmid("100");
                    step.setNode("../../access");
                }),
                "\"../../access\" is not a node name");
    }

    private static SnapshotBuildStep snapshot(String action, Consumer<SnapshotBuildStep> choice) {
        SnapshotBuildStep step = new SnapshotBuildStep(action);
        step.setVmid("100");
        step.setSnapshot("clean");
        choice.accept(step);
        return step;
    }

    @Test
    void aSnapshotStepMakesSense() throws Exception {
        fails(snapshot("crate", step -> {}), "action: \"crate\" is not known. Did you mean create?");
        fails(snapshot("create", step -> step.setVmid(null)), "No guest is given: set vmid: 100 or name: 'web-1'.");
        fails(snapshot("create", step -> step.setSnapshot(" ")), "snapshot: name a snapshot.");
        fails(snapshot("create", step -> step.setSnapshot("${NONE}")), "snapshot: \"${NONE}\" has no value");
        fails(
                snapshot("create", step -> step.setSnapshot("1-${TEXT}")),
                "snapshot: \"1-web-1\" cannot be the name of a snapshot.");
        fails(snapshot("list", step -> {}), "snapshot has no effect with action: 'list'. Leave it out.");
        fails(snapshot("rollback", step -> step.setMemory(true)), "memory has no effect with action: 'rollback'.");
        fails(snapshot("create", step -> step.setMemory("maybe")), "memory: \"maybe\" is neither true nor false.");
        fails(snapshot("create", step -> step.setIfExists("${TEXT}")), "ifExists: \"web-1\" is not known. Use one of");
        fails(snapshot("delete", step -> step.setTimeout("soon")), "timeout: \"soon\" is not a whole number of");
        fails(
                snapshot("list", step -> {
                    step.setSnapshot(null);
                    step.setServer("${NOTHING}");
                }),
                "server: \"${NOTHING}\" is empty in this build.");
    }

    @Test
    void variablesHaveAValueThatFits() throws Exception {
        fails(
                starting(step -> step.setVmid("${VMID}")),
                "vmid: \"${VMID}\" has no value: the build has no parameter and no environment variable VMID.");
        fails(starting(step -> step.setVmid("${NOTHING}")), "vmid: \"${NOTHING}\" is empty in this build.");
        fails(starting(step -> step.setVmid("${TEXT}")), "vmid: \"web-1\" is not a VMID");
        fails(starting(step -> step.setName("web-$NUMBER")), "name: \"web-$NUMBER\" has no value");
        fails(
                starting(step -> {
                    step.setVmid("100");
                    step.setTimeout("${TEXT}");
                }),
                "timeout: \"web-1\" is not a whole number of seconds.");
        fails(
                starting(step -> {
                    step.setVmid("100");
                    step.setTimeout("0");
                }),
                "timeout: 0 is not between 1 and");
        fails(
                starting(step -> {
                    step.setVmid("100");
                    step.setServer("${NOTHING}");
                }),
                "server: \"${NOTHING}\" is empty in this build.");
    }

    @Test
    void actionServerAndOptionsAreKnown() throws Exception {
        GuestBuildStep explode = new GuestBuildStep("explode");
        explode.setVmid("100");
        fails(
                explode,
                "action: \"explode\" is not known. "
                        + "Use one of start, stop, shutdown, reboot, reset, suspend, resume, hibernate.");
        fails(
                starting(step -> {
                    step.setVmid("100");
                    step.setServer("nowhere");
                }),
                "There is no Proxmox VE server named \"nowhere\". Configured servers: lab.");

        FreeStyleProject wrapped = jenkins.createFreeStyleProject();
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        wrapper.setVmid("100");
        wrapper.setOnExit("explode");
        wrapped.getBuildWrappersList().add((BuildWrapper) wrapper);
        fails(wrapped, "onExit: \"explode\" is not known. Use one of restore, shutdown, stop, rollback, leave.");

        FreeStyleProject afterwards = jenkins.createFreeStyleProject();
        GuestPostBuildStep post = new GuestPostBuildStep("stop");
        post.setVmid("100");
        post.setWhen("sometimes");
        afterwards.getPublishersList().add(post);
        fails(
                afterwards,
                "Step ‘Proxmox VE: control a guest after the build’ failed: "
                        + "when: \"sometimes\" is not known. Use one of always, success, unsuccessful.");
    }

    private void wrapperFails(Consumer<StartedGuestWrapper> choice, String message) throws Exception {
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        choice.accept(wrapper);
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("NOTHING", "")));
        job.getBuildWrappersList().add((BuildWrapper) wrapper);
        fails(job, message);
        assertThat(message, lab.requests(), is(0));
    }

    private void cloneFails(Consumer<StartedGuestWrapper> choice, String message) throws Exception {
        wrapperFails(
                wrapper -> {
                    wrapper.setTemplate(9000);
                    choice.accept(wrapper);
                },
                message);
    }

    private void guestFails(Consumer<StartedGuestWrapper> choice, String message) throws Exception {
        wrapperFails(
                wrapper -> {
                    wrapper.setVmid(100);
                    choice.accept(wrapper);
                },
                message);
    }

    @Test
    void aWrapperHasAGuestOrAClone() throws Exception {
        wrapperFails(wrapper -> {}, "No guest is given: set vmid: 100 or name: 'web-1'.");
        guestFails(wrapper -> wrapper.setName("web-1"), "Both vmid: 100 and name: 'web-1' are given");
        guestFails(wrapper -> wrapper.setStorage("nfs"), "storage: is only for a clone.");
        guestFails(wrapper -> wrapper.setKeepFor(2), "keepFor: is only for a clone.");
        guestFails(wrapper -> wrapper.setKeepOnFailure(true), "keepOnFailure: is only for a clone.");
        guestFails(wrapper -> wrapper.setOnExit("rollback"), "onExit: 'rollback' needs a snapshot.");
        guestFails(wrapper -> wrapper.setSnapshot("1st"), "snapshot: \"1st\" cannot be the name of a snapshot.");
        guestFails(wrapper -> wrapper.setTemplate("${NOTHING}"), "template: \"${NOTHING}\" is empty in this build.");
        cloneFails(wrapper -> wrapper.setOnExit("stop"), "onExit: a clone is removed at the end.");
        cloneFails(wrapper -> wrapper.setKeepFor(2), "keepFor: needs keepOnFailure: true.");
        cloneFails(wrapper -> wrapper.setKeepOnFailure("maybe"), "keepOnFailure: \"maybe\" is neither true nor false.");
        cloneFails(
                wrapper -> {
                    wrapper.setKeepOnFailure(true);
                    wrapper.setKeepFor("long");
                },
                "keepFor: \"long\" is not a whole number");
        cloneFails(wrapper -> wrapper.setCores("${CORES}"), "cores: \"${CORES}\" has no value");
        cloneFails(wrapper -> wrapper.setVmid("new"), "vmid: \"new\" is not a VMID.");
        cloneFails(wrapper -> wrapper.setTimeout("soon"), "timeout: \"soon\" is not a whole number of seconds.");
    }

    @Test
    void aMisspelledChoiceIsToldWithTheNearestOne() throws Exception {
        GuestBuildStep strat = new GuestBuildStep("${TEXT}");
        strat.setVmid("100");
        fails(strat, "action: \"web-1\" is not known. Use one of start, ");

        FreeStyleProject afterwards = jenkins.createFreeStyleProject();
        GuestPostBuildStep post = new GuestPostBuildStep("stop");
        post.setVmid("100");
        post.setWhen("allways");
        afterwards.getPublishersList().add(post);
        fails(
                afterwards,
                "Step ‘Proxmox VE: control a guest after the build’ failed: when: \"allways\" is not known. "
                        + "Did you mean always? The choices are always, success, unsuccessful.");
    }

    /** The files of jobs hold what somebody, or another program, wrote into them. */
    private FreeStyleProject read(String name, String steps) throws Exception {
        String xml =
                "<project>" + steps.replace("proxmox.", GuestBuildStep.class.getPackageName() + ".") + "</project>";
        return (FreeStyleProject) jenkins.jenkins.createProjectFromXML(
                name, new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatTheFileOfAJobHoldsIsReadByTheSameRule() throws Exception {
        FreeStyleProject job = read("tolerant", """
                <builders>
                  <proxmox.GuestBuildStep>
                    <action> reboot </action><vmid> 101 </vmid><name> </name><server/><node> </node><credentialsId/>
                    <timeout> 60 </timeout><wait/><waitForLock> TRUE </waitForLock><cancelTask> </cancelTask>
                  </proxmox.GuestBuildStep>
                </builders>
                <publishers>
                  <proxmox.GuestPostBuildStep>
                    <action>stop</action><vmid>101</vmid><when/><timeout/><wait> false</wait>
                  </proxmox.GuestPostBuildStep>
                </publishers>
                <buildWrappers>
                  <proxmox.StartedGuestWrapper>
                    <vmid>100</vmid><onExit> </onExit><timeout> </timeout><waitForLock/>
                  </proxmox.StartedGuestWrapper>
                </buildWrappers>
                """);
        Run<?, ?> build = jenkins.buildAndAssertSuccess(job);
        jenkins.assertLogContains("VM 101 (web-1) is running on node pve1, confirmed after", build);
        jenkins.assertLogContains("Putting VM 100 (build-agent) back: shutdown (onExit: restore", build);
        jenkins.assertLogContains("Requested stop of VM 101 (web-1)", build);
        jenkins.assertLogNotContains("VM 101 (web-1) is stopped on node pve1, confirmed after", build);
    }

    @Test
    void whatIsNeitherTrueNorFalseIsRefusedWhereverItCameFrom() throws Exception {
        fails(
                read(
                        "hurried",
                        "<builders><proxmox.GuestBuildStep><action>start</action><vmid>100</vmid>"
                                + "<wait>maybe</wait></proxmox.GuestBuildStep></builders>"),
                "wait: \"maybe\" is neither true nor false.");
        fails(
                read(
                        "patient",
                        "<buildWrappers><proxmox.StartedGuestWrapper><vmid>100</vmid>"
                                + "<waitForLock>${WAIT}</waitForLock></proxmox.StartedGuestWrapper></buildWrappers>"),
                "waitForLock: \"${WAIT}\" is neither true nor false.");
        fails(
                starting(step -> {
                    step.setVmid(100L);
                    step.setCancelTask(1);
                }),
                "cancelTask: \"1\" is neither true nor false.");
        assertThat(lab.requests(), is(0));
    }

    @Test
    void noTextOfOthersBeginsALineOfTheLog() throws Exception {
        String hostile =
                "x\n[Proxmox VE] forged\r\nERROR: forged\rforged\u0085forged\u2028forged\u202e\u001b[8mha:AAAA\u001b[0m";
        for (Consumer<GuestBuildStep> choice : List.<Consumer<GuestBuildStep>>of(
                step -> step.setVmid("${TEXT}"),
                step -> step.setName("${TEXT}"),
                step -> step.setName(hostile + "${NOTHING}"),
                step -> step.setName(hostile + "${NOWHERE}"),
                step -> {
                    step.setVmid(100);
                    step.setServer("${TEXT}");
                },
                step -> {
                    step.setVmid(100);
                    step.setNode("${TEXT}");
                },
                step -> {
                    step.setVmid(100);
                    step.setCredentialsId(hostile);
                },
                step -> {
                    step.setVmid(100);
                    step.setTimeout("${TEXT}");
                })) {
            FreeStyleProject job = jenkins.createFreeStyleProject();
            job.addProperty(new ParametersDefinitionProperty(
                    new StringParameterDefinition("TEXT", hostile), new StringParameterDefinition("NOTHING", "")));
            job.getBuildersList().add(starting(choice));
            GuestPostBuildStep post = new GuestPostBuildStep(hostile);
            post.setWhen("success");
            job.getPublishersList().add(post);
            Run<?, ?> build = jenkins.buildAndAssertStatus(Result.FAILURE, job);
            ByteArrayOutputStream raw = new ByteArrayOutputStream();
            build.getLogText().writeRawLogTo(0, raw);
            List<String> told = raw.toString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.contains("forged"))
                    .toList();
            assertThat(told.size(), is(2));
            for (String line : told) {
                assertThat(line, anyOf(startsWith("ERROR: "), startsWith("[Proxmox VE] ")));
                assertThat(line, not(anyOf(startsWith("ERROR: forged"), startsWith("[Proxmox VE] forged"))));
                assertThat(line, is(SafeText.line(line)));
            }
        }
        assertThat(lab.proxmox.writes().size(), is(0));
    }

    @Test
    void theCredentialsAreInTheScopeOfTheJob() throws Exception {
        Folder mine = jenkins.createProject(Folder.class, "mine");
        Folder others = jenkins.createProject(Folder.class, "others");
        CredentialsProvider.lookupStores(others)
                .iterator()
                .next()
                .addCredentials(
                        Domain.global(), ConfiguredProxmox.token("theirs", "jenkins@pve!ci", lab.example.ciSecret()));
        ConfiguredProxmox.add(new ProxmoxApiToken(
                CredentialsScope.SYSTEM, "system", null, "jenkins@pve!ci", Secret.fromString(lab.example.ciSecret())));
        for (String id : new String[] {"theirs", "system", "${ID}"}) {
            FreeStyleProject job = mine.createProject(FreeStyleProject.class, "job-" + id.replaceAll("\\W", ""));
            job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("ID", "ci")));
            job.getBuildersList().add(starting(step -> {
                step.setVmid("100");
                step.setCredentialsId(id);
            }));
            fails(
                    job,
                    "The Proxmox VE server \"lab\" cannot be used: there are no credentials \"" + id
                            + "\" that this job can use.");
        }
        assertThat(lab.requests(), is(0));

        FreeStyleProject theirs = others.createProject(FreeStyleProject.class, "job");
        theirs.getBuildersList().add(starting(step -> {
            step.setVmid("100");
            step.setCredentialsId("theirs");
        }));
        jenkins.buildAndAssertSuccess(theirs);
    }

    @Test
    void credentialsMayBeChosenByACredentialsParameter() throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.addProperty(new ParametersDefinitionProperty(
                new CredentialsParameterDefinition("WHO", null, "ci", ProxmoxApiToken.class.getName(), true)));
        job.getBuildersList().add(starting(step -> {
            step.setVmid("100");
            step.setCredentialsId("${WHO}");
        }));
        jenkins.assertBuildStatusSuccess(
                job.scheduleBuild2(0, new ParametersAction(new CredentialsParameterValue("WHO", "ci", null, true))));
    }
}
