package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;

import hudson.model.Descriptor;
import hudson.model.FreeStyleProject;
import hudson.model.Items;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.htmlunit.html.HtmlPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** The forms of a freestyle job show what is saved, save what is typed, and say what is wrong with it. */
@WithOneJenkins
class FormsTest {

    private static final String OF_ALL = "vmid,name,server,node,credentialsId,timeout,waitForLock,waitFor,cancelTask";

    private static final String OF_BOTH =
            "template,targetNode,storage,pool,full,snapshot,tags,description,cores,memory,"
                    + "diskSize,ciUser,sshKeys,ipConfig,nameserver,";

    private static final String OF_CLONES = OF_BOTH + "start,";

    private static final String OF_WRAPPERS = OF_BOTH + "onExit,keepOnFailure,keepFor,";

    private static final String OF_SNAPSHOTS = "action,snapshot,description,memory,start,ifExists,ifMissing,";

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

    private static GuestBuildStep wholeBuildStep() {
        GuestBuildStep step = new GuestBuildStep("shutdown");
        step.setVmid("${VMID}");
        step.setServer("lab");
        step.setNode("pve1");
        step.setCredentialsId("ci");
        step.setTimeout("${SECONDS}");
        step.setWait(false);
        step.setWaitForLock(true);
        step.setCancelTask(true);
        return step;
    }

    @Test
    void keepABuildStep() throws Exception {
        String fields = "action,wait,forceStop," + OF_ALL;
        GuestBuildStep simple = new GuestBuildStep("start");
        simple.setName("web-1");
        jenkins.assertEqualDataBoundBeans(simple, jenkins.configRoundtrip(simple));
        GuestBuildStep whole = wholeBuildStep();
        GuestBuildStep saved = jenkins.configRoundtrip(whole);
        jenkins.assertEqualBeans(whole, saved, fields);
    }

    @Test
    void keepACloneStep() throws Exception {
        CloneBuildStep simple = new CloneBuildStep("900");
        jenkins.assertEqualBeans(simple, jenkins.configRoundtrip(simple), OF_CLONES + OF_ALL);
        CloneBuildStep whole = new CloneBuildStep("${TEMPLATE}");
        whole.setVmid("${VMID}");
        whole.setName("build-${BUILD_NUMBER}");
        whole.setTargetNode("pve2");
        whole.setStorage("nfs");
        whole.setPool("ci");
        whole.setFull("true");
        whole.setSnapshot("clean");
        whole.setTags("ci, linux");
        whole.setDescription("made by\n${BUILD_TAG}");
        whole.setCores(4);
        whole.setMemory("${MEMORY}");
        whole.setDiskSize("32G");
        whole.setCiUser("jenkins");
        whole.setSshKeys("ssh-ed25519 AAAA one\nssh-rsa AAAA two");
        whole.setIpConfig("ip=dhcp");
        whole.setNameserver("192.0.2.53");
        whole.setStart(true);
        whole.setWaitFor("ip");
        whole.setServer("gone");
        whole.setNode("pve1");
        whole.setCredentialsId("ci");
        whole.setTimeout("${SECONDS}");
        whole.setWaitForLock(true);
        whole.setCancelTask(true);
        jenkins.assertEqualBeans(whole, jenkins.configRoundtrip(whole), OF_CLONES + OF_ALL);
    }

    @Test
    void keepADeletionStep() throws Exception {
        DeletionBuildStep whole = new DeletionBuildStep();
        whole.setVmid("${VMID}");
        whole.setStop(true);
        whole.setPurge(true);
        whole.setForce(true);
        whole.setIfMissing("ignore");
        whole.setServer("gone");
        whole.setNode("pve1");
        whole.setCredentialsId("ci");
        whole.setTimeout("${SECONDS}");
        whole.setWaitForLock(true);
        whole.setCancelTask(true);
        jenkins.assertEqualBeans(whole, jenkins.configRoundtrip(whole), "stop,purge,force,ifMissing," + OF_ALL);
    }

    @Test
    void keepASnapshotStep() throws Exception {
        SnapshotBuildStep simple = new SnapshotBuildStep("list");
        simple.setName("web-1");
        jenkins.assertEqualDataBoundBeans(simple, jenkins.configRoundtrip(simple));
        SnapshotBuildStep whole = new SnapshotBuildStep("${ACTION}");
        whole.setVmid("${VMID}");
        whole.setSnapshot("${SNAPSHOT}");
        whole.setDescription("made by\n${BUILD_TAG}");
        whole.setMemory(true);
        whole.setStart(true);
        whole.setIfExists("replace");
        whole.setIfMissing("${MISSING}");
        whole.setServer("gone");
        whole.setNode("pve1");
        whole.setCredentialsId("ci");
        whole.setTimeout("${SECONDS}");
        whole.setWaitForLock(true);
        whole.setCancelTask(true);
        jenkins.assertEqualBeans(whole, jenkins.configRoundtrip(whole), OF_SNAPSHOTS + OF_ALL);
    }

    @Test
    void keepAVariableAndTheNameOfAServerThatIsGone() throws Exception {
        GuestBuildStep step = new GuestBuildStep("${ACTION}");
        step.setVmid("100");
        step.setServer("gone");
        step.setCredentialsId("${WHO}");
        jenkins.assertEqualBeans(step, jenkins.configRoundtrip(step), "action,wait,forceStop," + OF_ALL);
    }

    @Test
    void offerNothingEmptyWhereOneMustChoose() throws Exception {
        GuestBuildStep.DescriptorImpl form = jenkins.jenkins.getDescriptorByType(GuestBuildStep.DescriptorImpl.class);
        assertThat(form.doFillActionItems("").stream().anyMatch(option -> option.value.isEmpty()), is(false));
        assertThat(
                form.doFillActionItems("${ACTION}").stream().anyMatch(option -> option.value.equals("${ACTION}")),
                is(true));
    }

    /** As jobs that are written by hand, or by an older version of this plugin. */
    @Test
    void fillInWhatTheFileOfAJobLeavesOut() throws Exception {
        String steps = "<builders><%1$s.GuestBuildStep><action>start</action><vmid>100</vmid></%1$s.GuestBuildStep>"
                + "</builders><publishers><%1$s.GuestPostBuildStep><action>stop</action><vmid>100</vmid>"
                + "</%1$s.GuestPostBuildStep></publishers><buildWrappers><%1$s.StartedGuestWrapper><vmid>101</vmid>"
                + "</%1$s.StartedGuestWrapper></buildWrappers>";
        FreeStyleProject job = (FreeStyleProject) jenkins.jenkins.createProjectFromXML(
                "by-hand",
                new ByteArrayInputStream(
                        ("<project>" + steps.formatted(GuestBuildStep.class.getPackageName()) + "</project>")
                                .getBytes(StandardCharsets.UTF_8)));
        GuestBuildStep step = job.getBuildersList().get(GuestBuildStep.class);
        assertThat(step.getWait(), is(true));
        assertThat(step.getTimeout(), is("300"));
        GuestPostBuildStep after = job.getPublishersList().get(GuestPostBuildStep.class);
        assertThat(after.getWait(), is(true));
        assertThat(after.getWhen(), is("always"));
        assertThat(job.getBuildWrappersList().get(StartedGuestWrapper.class).getOnExit(), is("restore"));
        jenkins.buildAndAssertSuccess(job);
        assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmstop")));

        GuestBuildStep hurried = new GuestBuildStep("start");
        hurried.setWait(false);
        GuestBuildStep read = (GuestBuildStep) Items.XSTREAM2.fromXML(Items.XSTREAM2.toXML(hurried));
        assertThat(read.getWait(), is(false));
    }

    @Test
    void keepAPostBuildStep() throws Exception {
        GuestPostBuildStep step = new GuestPostBuildStep("stop");
        step.setWhen("success");
        step.setVmid("100");
        step.setTimeout("60");
        step.setWait(false);
        jenkins.assertEqualBeans(step, jenkins.configRoundtrip(step), "action,when,wait,forceStop," + OF_ALL);
    }

    @Test
    void keepAWrapper() throws Exception {
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        wrapper.setName("web-1");
        wrapper.setServer("lab");
        wrapper.setOnExit("leave");
        wrapper.setWaitForLock(true);
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.getBuildWrappersList().add(wrapper);
        FreeStyleProject saved = jenkins.configRoundtrip(job);
        jenkins.assertEqualBeans(
                wrapper, saved.getBuildWrappersList().get(StartedGuestWrapper.class), OF_WRAPPERS + OF_ALL);
    }

    @Test
    void keepAWrapperThatMakesAClone() throws Exception {
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        wrapper.setTemplate("${TEMPLATE}");
        wrapper.setVmid("${VMID}");
        wrapper.setName("build-${BUILD_NUMBER}");
        wrapper.setTargetNode("pve2");
        wrapper.setStorage("nfs");
        wrapper.setPool("ci");
        wrapper.setFull("${FULL}");
        wrapper.setSnapshot("clean");
        wrapper.setTags("ci, linux");
        wrapper.setDescription("made by\n${BUILD_TAG}");
        wrapper.setCores(4);
        wrapper.setMemory("${MEMORY}");
        wrapper.setDiskSize("32G");
        wrapper.setCiUser("jenkins");
        wrapper.setSshKeys("ssh-ed25519 AAAA one\nssh-rsa AAAA two");
        wrapper.setIpConfig("ip=dhcp");
        wrapper.setNameserver("192.0.2.53");
        wrapper.setWaitFor("ip");
        wrapper.setKeepOnFailure(true);
        wrapper.setKeepFor("${HOURS}");
        wrapper.setTimeout("${SECONDS}");
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.getBuildWrappersList().add(wrapper);
        FreeStyleProject saved = jenkins.configRoundtrip(job);
        jenkins.assertEqualBeans(
                wrapper, saved.getBuildWrappersList().get(StartedGuestWrapper.class), OF_WRAPPERS + OF_ALL);
    }

    @Test
    void haveHelpForEveryField() throws Exception {
        hasHelp(new GuestBuildStep("start").getDescriptor(), "action,wait,forceStop," + OF_ALL);
        hasHelp(new SnapshotBuildStep("create").getDescriptor(), OF_SNAPSHOTS + OF_ALL);
        hasHelp(new CloneBuildStep(900).getDescriptor(), OF_CLONES + OF_ALL);
        hasHelp(new DeletionBuildStep().getDescriptor(), "stop,purge,force,ifMissing," + OF_ALL);
        hasHelp(new GuestPostBuildStep("start").getDescriptor(), "action,when,wait,forceStop," + OF_ALL);
        hasHelp(new StartedGuestWrapper().getDescriptor(), OF_WRAPPERS + OF_ALL);
    }

    private void hasHelp(Descriptor<?> form, String fields) throws Exception {
        try (JenkinsRule.WebClient browser = jenkins.createWebClient()) {
            browser.executeOnServer(() -> {
                for (String field : fields.split(",")) {
                    assertThat(form.getId() + " " + field, form.getHelpFile(field), notNullValue());
                }
                return null;
            });
        }
    }

    @Test
    void acceptVariablesAndNameMistakes() throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        GuestFormDescriptor form = jenkins.jenkins.getDescriptorByType(GuestBuildStep.DescriptorImpl.class);
        assertThat(form.doCheckVmid(job, "${VMID}", "", "").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckVmid(job, "101", "", "").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckVmid(job, "", "${NAME}", "").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckVmid(job, "web", "", "").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckVmid(job, "", "", "").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckVmid(job, "${VMID}", "web-1", "").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckNode(job, "${NODE}").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckNode(job, "../x").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckTimeout(job, "${SECONDS}").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckTimeout(job, "").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckTimeout(job, " 60 ").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckNode(job, " ").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckTimeout(job, "soon").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckTimeout(job, "0").kind, is(FormValidation.Kind.ERROR));
        SnapshotBuildStep.DescriptorImpl snapshots =
                jenkins.jenkins.getDescriptorByType(SnapshotBuildStep.DescriptorImpl.class);
        assertThat(snapshots.doCheckSnapshot(job, "clean", "create").kind, is(FormValidation.Kind.OK));
        assertThat(snapshots.doCheckSnapshot(job, "${NAME}", "create").kind, is(FormValidation.Kind.OK));
        assertThat(snapshots.doCheckSnapshot(job, "", "list").kind, is(FormValidation.Kind.OK));
        assertThat(snapshots.doCheckSnapshot(job, "", "delete").kind, is(FormValidation.Kind.ERROR));
        assertThat(snapshots.doCheckSnapshot(job, "1st", "create").kind, is(FormValidation.Kind.ERROR));
    }

    @Test
    void sayWhatCannotBeOfAGuestAndOfAClone() throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        StartedGuestWrapper.DescriptorImpl form =
                jenkins.jenkins.getDescriptorByType(StartedGuestWrapper.DescriptorImpl.class);
        assertThat(form.doCheckVmid(job, "", "", "").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckVmid(job, "", "", "9000").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckVmid(job, "100", "web-1", "").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckVmid(job, "100", "web-1", "${T}").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckVmid(job, "web", "", "9000").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckOnExit(job, "restore", "9000", "").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckOnExit(job, "stop", "9000", "").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckOnExit(job, "stop", "", "").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckOnExit(job, "rollback", "", " ").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckOnExit(job, "rollback", "", "clean").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckSnapshot(job, "").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckSnapshot(job, "${STATE}").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckSnapshot(job, "1st").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckKeepFor(job, "", "false").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckKeepFor(job, "${HOURS}", "true").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckKeepFor(job, "2", "true").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckKeepFor(job, "2", "false").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckKeepFor(job, "long", "true").kind, is(FormValidation.Kind.ERROR));
    }

    @Test
    void areCheckedWhileTheyAreFilledIn() throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject("checked");
        GuestBuildStep step = new GuestBuildStep("start");
        step.setVmid("many");
        job.getBuildersList().add(step);
        try (JenkinsRule.WebClient browser = jenkins.createWebClient()) {
            HtmlPage page = browser.getPage(job, "configure");
            browser.waitForBackgroundJavaScript(10_000);
            assertThat(page.asNormalizedText(), containsString("\"many\" is not a VMID"));
        }
    }
}
