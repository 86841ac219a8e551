package io.jenkins.plugins.proxmox.security;

import static java.util.Map.entry;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.in;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import hudson.ExtensionList;
import hudson.model.AdministrativeMonitor;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.lease.ExampleLeases;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.overview.BorrowedGuests;
import io.jenkins.plugins.proxmox.overview.ProxmoxOverview;
import io.jenkins.plugins.proxmox.security.WebMethods.Reached;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.htmlunit.WebResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/**
 * Each method that a URL reaches is in a table here with who may call it, and is called by those who may not. The list of
 * methods comes from Stapler, so that a new one that is not in the table fails the build.
 */
@WithJenkins
class WebMethodsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A value that is wrong in every field. */
    private static final String WRONG = "-no such/thing-";

    private enum Answers {
        /** Refuses all others with 403. */
        ADMINISTRATORS,
        /** Refuses with 403 those without Overall/Manage. */
        MANAGERS,
        /** The same; only reads, so GET is right. */
        MANAGERS_BY_GET,
        /** Says nothing to those who may not change the form: no complaint, and nothing in a menu but what was sent. */
        WHO_CHANGES_THE_FORM,
        /** The same to everybody: looks at nothing but what was sent. */
        EVERYBODY
    }

    private static final Map<String, Answers> METHODS = Map.ofEntries(
            entry("ProxmoxServer.DescriptorImpl#doTestConnection", Answers.ADMINISTRATORS),
            entry("ProxmoxOverview#doRemoveClone", Answers.ADMINISTRATORS),
            entry("BorrowedGuests#doTryAgain", Answers.ADMINISTRATORS),
            entry("BorrowedGuests#doLeave", Answers.ADMINISTRATORS),
            entry("UnreadableLeasesMonitor#doAct", Answers.ADMINISTRATORS),
            entry("UnreturnedGuestsMonitor#doAct", Answers.ADMINISTRATORS),
            entry("UnusableServersMonitor#doAct", Answers.ADMINISTRATORS),
            entry("UnverifiedServersMonitor#doAct", Answers.ADMINISTRATORS),
            entry("ProxmoxOverview#doRefresh", Answers.MANAGERS),
            entry("ProxmoxOverview#doServer", Answers.MANAGERS_BY_GET),
            // the global configuration
            entry("ProxmoxServer.DescriptorImpl#doFillCredentialsIdItems", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckName", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckAddresses", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckCredentialsId", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckCaCertificates", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckFingerprint", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckVerificationOff", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckFolders", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckApiRules", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckConnectTimeout", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckResponseTimeout", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxServer.DescriptorImpl#doCheckRemoveOrphansAfter", Answers.WHO_CHANGES_THE_FORM),
            // credentials
            entry("ProxmoxApiToken.DescriptorImpl#doCheckTokenId", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxApiToken.DescriptorImpl#doCheckSecret", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxApiTokenBinding.DescriptorImpl#doCheckTokenIdVariable", Answers.EVERYBODY),
            entry("ProxmoxApiTokenBinding.DescriptorImpl#doCheckSecretVariable", Answers.EVERYBODY),
            entry("ProxmoxApiTokenBinding.DescriptorImpl#doCheckVariable", Answers.EVERYBODY),
            // steps of Pipelines
            entry("ServerStep.ServerStepDescriptor#doFillServerItems", Answers.WHO_CHANGES_THE_FORM),
            entry("ServerStep.ServerStepDescriptor#doFillCredentialsIdItems", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestStep.GuestStepDescriptor#doCheckVmid", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestStep.GuestStepDescriptor#doCheckNode", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxVmStep.DescriptorImpl#doFillActionItems", Answers.EVERYBODY),
            entry("ProxmoxVmStep.DescriptorImpl#doCheckWaitFor", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxSnapshotStep.DescriptorImpl#doFillActionItems", Answers.EVERYBODY),
            entry("ProxmoxSnapshotStep.DescriptorImpl#doFillIfExistsItems", Answers.EVERYBODY),
            entry("ProxmoxSnapshotStep.DescriptorImpl#doFillIfMissingItems", Answers.EVERYBODY),
            entry("ProxmoxSnapshotStep.DescriptorImpl#doCheckSnapshot", Answers.WHO_CHANGES_THE_FORM),
            entry("CloningStep.CloningStepDescriptor#doCheckWaitFor", Answers.WHO_CHANGES_THE_FORM),
            entry("CloningStep.CloningStepDescriptor#doCheckCores", Answers.WHO_CHANGES_THE_FORM),
            entry("CloningStep.CloningStepDescriptor#doCheckMemory", Answers.WHO_CHANGES_THE_FORM),
            entry("CloningStep.CloningStepDescriptor#doCheckDiskSize", Answers.WHO_CHANGES_THE_FORM),
            entry("CloningStep.CloningStepDescriptor#doCheckCiUser", Answers.WHO_CHANGES_THE_FORM),
            entry("CloningStep.CloningStepDescriptor#doCheckSshKeys", Answers.WHO_CHANGES_THE_FORM),
            entry("CloningStep.CloningStepDescriptor#doCheckIpConfig", Answers.WHO_CHANGES_THE_FORM),
            entry("CloningStep.CloningStepDescriptor#doCheckNameserver", Answers.WHO_CHANGES_THE_FORM),
            entry("CloningStep.CloningStepDescriptor#doFillFullItems", Answers.EVERYBODY),
            entry("ProxmoxExecStep.DescriptorImpl#doCheckCommand", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxExecStep.DescriptorImpl#doCheckEnv", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxExecStep.DescriptorImpl#doCheckInput", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxExecStep.DescriptorImpl#doCheckReturnStatus", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxCloneStep.DescriptorImpl#doCheckTemplate", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxDeleteStep.DescriptorImpl#doFillIfMissingItems", Answers.EVERYBODY),
            entry("ProxmoxStatusStep.DescriptorImpl#doCheckStatus", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxApiStep.DescriptorImpl#doFillMethodItems", Answers.EVERYBODY),
            entry("ProxmoxApiStep.DescriptorImpl#doCheckPath", Answers.WHO_CHANGES_THE_FORM),
            entry("ProxmoxApiStep.DescriptorImpl#doCheckParameters", Answers.WHO_CHANGES_THE_FORM),
            entry("WithProxmoxVmStep.DescriptorImpl#doFillOnExitItems", Answers.EVERYBODY),
            entry("WithProxmoxVmStep.DescriptorImpl#doCheckOnExit", Answers.WHO_CHANGES_THE_FORM),
            entry("WithProxmoxVmStep.DescriptorImpl#doCheckSnapshot", Answers.WHO_CHANGES_THE_FORM),
            entry("WithProxmoxVmStep.DescriptorImpl#doCheckKeepFor", Answers.WHO_CHANGES_THE_FORM),
            // freestyle
            entry("GuestFormDescriptor#doFillServerItems", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestFormDescriptor#doFillCredentialsIdItems", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestFormDescriptor#doCheckCredentialsId", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestFormDescriptor#doCheckVmid", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestFormDescriptor#doCheckNode", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestFormDescriptor#doCheckTimeout", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestFormDescriptor#doCheckWaitFor", Answers.WHO_CHANGES_THE_FORM),
            entry("CloneFormDescriptor#doCheckCores", Answers.WHO_CHANGES_THE_FORM),
            entry("CloneFormDescriptor#doCheckMemory", Answers.WHO_CHANGES_THE_FORM),
            entry("CloneFormDescriptor#doCheckDiskSize", Answers.WHO_CHANGES_THE_FORM),
            entry("CloneFormDescriptor#doCheckCiUser", Answers.WHO_CHANGES_THE_FORM),
            entry("CloneFormDescriptor#doCheckSshKeys", Answers.WHO_CHANGES_THE_FORM),
            entry("CloneFormDescriptor#doCheckIpConfig", Answers.WHO_CHANGES_THE_FORM),
            entry("CloneFormDescriptor#doCheckNameserver", Answers.WHO_CHANGES_THE_FORM),
            entry("CloneFormDescriptor#doFillFullItems", Answers.EVERYBODY),
            entry("GuestCommandStep.DescriptorImpl#doCheckCommand", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestCommandStep.DescriptorImpl#doCheckEnv", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestCommandStep.DescriptorImpl#doCheckInput", Answers.WHO_CHANGES_THE_FORM),
            entry("GuestBuildStep.DescriptorImpl#doFillActionItems", Answers.EVERYBODY),
            entry("GuestPostBuildStep.DescriptorImpl#doFillActionItems", Answers.EVERYBODY),
            entry("GuestPostBuildStep.DescriptorImpl#doFillWhenItems", Answers.EVERYBODY),
            entry("SnapshotBuildStep.DescriptorImpl#doFillActionItems", Answers.EVERYBODY),
            entry("SnapshotBuildStep.DescriptorImpl#doFillIfExistsItems", Answers.EVERYBODY),
            entry("SnapshotBuildStep.DescriptorImpl#doFillIfMissingItems", Answers.EVERYBODY),
            entry("SnapshotBuildStep.DescriptorImpl#doCheckSnapshot", Answers.WHO_CHANGES_THE_FORM),
            entry("DeletionBuildStep.DescriptorImpl#doFillIfMissingItems", Answers.EVERYBODY),
            entry("CloneBuildStep.DescriptorImpl#doCheckVmid", Answers.WHO_CHANGES_THE_FORM),
            entry("CloneBuildStep.DescriptorImpl#doCheckTemplate", Answers.WHO_CHANGES_THE_FORM),
            entry("StartedGuestWrapper.DescriptorImpl#doFillOnExitItems", Answers.EVERYBODY),
            entry("StartedGuestWrapper.DescriptorImpl#doCheckOnExit", Answers.WHO_CHANGES_THE_FORM),
            entry("StartedGuestWrapper.DescriptorImpl#doCheckSnapshot", Answers.WHO_CHANGES_THE_FORM),
            entry("StartedGuestWrapper.DescriptorImpl#doCheckKeepFor", Answers.WHO_CHANGES_THE_FORM));

    /** The getters and fields that lead from an object of this plugin to another, each with why that is right. */
    private static final Map<String, String> WAYS = Map.ofEntries(
            entry(
                    "ProxmoxOverview#getBorrowed",
                    "getTarget has checked Overall/Manage; its methods check for themselves"),
            entry("JsonResponse#json", "an answer, to which no URL leads"),
            entry("GuestTimeline#getRun", "the build, which is above it in the URL and has checked the reader"),
            entry("BorrowedGuest#getBuild", "null for those who may not see the build"));

    private static SecuredJenkins jenkins;
    private static ConfiguredProxmox lab;

    @BeforeAll
    static void start(JenkinsRule rule) throws Exception {
        jenkins = new SecuredJenkins(rule);
        lab = ConfiguredProxmox.start();
        ExampleLeases.unreturned("borrowed", "team/own", 101, 4, "why");
    }

    @AfterAll
    static void stop() throws Exception {
        lab.close();
        jenkins.rule.after();
    }

    private static boolean isChanged() {
        return Leases.get().find("borrowed") == null
                || Leases.get().find("borrowed").failures() != 4
                || ExtensionList.lookup(AdministrativeMonitor.class).stream()
                        .anyMatch(monitor ->
                                monitor.getClass().getName().startsWith(WebMethods.ROOT) && !monitor.isEnabled());
    }

    @AfterEach
    void nothingHasHappened() {
        assertThat("what was sent to Proxmox VE", lab.proxmox.writes(), is(empty()));
        assertThat("something was changed", isChanged(), is(false));
    }

    /** The URLs of the objects of this plugin, with what is reached below them. */
    private static Map<String, List<Reached>> urls() throws Exception {
        Map<String, List<Reached>> urls = new LinkedHashMap<>(jenkins.webMethodsOfForms());
        urls.put("manage/proxmox-ve/", jenkins.webMethods().get(ProxmoxOverview.class));
        urls.put("manage/proxmox-ve/borrowed/", jenkins.webMethods().get(BorrowedGuests.class));
        for (AdministrativeMonitor each : ExtensionList.lookup(AdministrativeMonitor.class)) {
            if (jenkins.webMethods().containsKey(each.getClass())) {
                urls.put(each.getUrl() + "/", jenkins.webMethods().get(each.getClass()));
            }
        }
        return urls;
    }

    private record Target(Reached method, String path) {

        Answers answers() {
            return METHODS.get(method.key());
        }

        boolean isOfForm() {
            return path.startsWith("descriptorByName/");
        }
    }

    /** All methods of all objects that have a URL. */
    private static List<Target> targets() throws Exception {
        List<Target> targets = new ArrayList<>();
        urls().forEach((url, methods) -> methods.stream()
                .filter(Reached::isAction)
                .forEach(method -> targets.add(new Target(method, url + method.token()))));
        return targets;
    }

    private static TreeSet<String> reached(boolean actions) throws Exception {
        TreeSet<String> keys = new TreeSet<>();
        jenkins.webMethods()
                .values()
                .forEach(methods -> methods.stream()
                        .filter(each -> each.isAction() == actions)
                        .forEach(each -> keys.add(each.key())));
        return keys;
    }

    @Test
    void eachMethodIsInTheTable() throws Exception {
        assertThat("methods for the web and who may call them", reached(true), is(new TreeSet<>(METHODS.keySet())));
        assertThat("getters for the web", reached(false), is(new TreeSet<>(WAYS.keySet())));
        Set<String> tried = new TreeSet<>();
        targets().forEach(target -> tried.add(target.method().key()));
        assertThat("methods whose URL is known, so that they are tried", tried, is(new TreeSet<>(METHODS.keySet())));
    }

    /** Stapler finds methods by their names, too. None of these is one that it would find in another way. */
    @Test
    void nothingAnswersUnderAnyName() throws Exception {
        List<String> open = new ArrayList<>();
        for (Class<?> type : WebMethods.classes()) {
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers())
                        && method.getName()
                                .matches("getDynamic|doDynamic|doIndex|getStaplerFallback|getOverrides|js[A-Z].*")) {
                    open.add(method.toString());
                }
            }
            for (String contract : List.of(
                    "org.kohsuke.stapler.StaplerFallback",
                    "org.kohsuke.stapler.StaplerOverridable",
                    "org.kohsuke.stapler.HttpDeletable",
                    "hudson.model.UnprotectedRootAction")) {
                if (Class.forName(contract).isAssignableFrom(type)) {
                    open.add(type + " is a " + contract);
                }
            }
            Stream.of(type.getFields())
                    .filter(field -> field.getDeclaringClass().getName().startsWith(WebMethods.ROOT)
                            && !Modifier.isFinal(field.getModifiers()))
                    .forEach(field -> open.add(field.toString()));
        }
        assertThat(open, is(empty()));
    }

    private static Map<String, String> baits() {
        Map<String, String> form = new LinkedHashMap<>();
        for (String parameter : List.of(
                "value",
                "addresses",
                "credentialsId",
                "server",
                "node",
                "action",
                "onExit",
                "ifExists",
                "ifMissing",
                "when",
                "full",
                "template",
                "snapshot",
                "caCertificates",
                "fingerprint",
                "folders",
                "secretVariable",
                "variable",
                "keepOnFailure")) {
            form.put(parameter, WRONG);
        }
        form.put("name", "lab");
        form.put("id", "borrowed");
        form.put("mark", "x");
        form.put("vmid", "101");
        form.put("verificationOff", "true");
        form.put("connectTimeout", "5");
        form.put("responseTimeout", "5");
        form.put("dismiss", "1");
        form.put("delete", "1");
        form.put("retry", "1");
        form.put("check", "1");
        return form;
    }

    private static String query() {
        StringBuilder query = new StringBuilder("?");
        baits().forEach((name, value) -> query.append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                .append('&'));
        return query.toString();
    }

    /** What a link does that an administrator follows, or an image in a page that an administrator sees. */
    @Test
    void noneAnswersToALink() throws Exception {
        for (Target target : targets()) {
            int status = jenkins.get(SecuredJenkins.ADMINISTRATOR, target.path() + query())
                    .getStatusCode();
            if (target.answers() == Answers.MANAGERS_BY_GET) {
                assertThat(target.path(), status, is(200));
            } else {
                assertThat(target.path(), status, is(anyOf(is(404), is(405))));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Attacker.class)
    void noneServesWhoMayNot(Attacker attacker) throws Exception {
        for (Target target : targets()) {
            boolean manager = attacker == Attacker.MANAGER;
            switch (target.answers()) {
                case ADMINISTRATORS -> assertRefused(attacker, target);
                case MANAGERS, MANAGERS_BY_GET -> {
                    if (!manager) {
                        assertRefused(attacker, target);
                    }
                }
                case WHO_CHANGES_THE_FORM, EVERYBODY -> {
                    WebResponse answer = jenkins.post(attacker.login(), target.path(), baits());
                    if (attacker == Attacker.NOBODY) {
                        assertThat(target.path(), answer.getStatusCode(), is(403));
                    } else if (target.answers() == Answers.EVERYBODY) {
                        assertSameForAdministrator(target, answer);
                    } else {
                        assertSilent(attacker.login(), target.path(), answer);
                    }
                }
            }
        }
    }

    private static void assertRefused(Attacker attacker, Target target) throws Exception {
        boolean get = target.answers() == Answers.MANAGERS_BY_GET;
        WebResponse answer = get
                ? jenkins.get(attacker.login(), target.path() + query())
                : jenkins.post(attacker.login(), target.path(), baits());
        assertThat(attacker + " at " + target.path(), answer.getStatusCode(), is(403));
    }

    private static void assertSameForAdministrator(Target target, WebResponse answer) throws Exception {
        assertThat(target.path(), answer.getStatusCode(), is(200));
        assertThat(
                target.path(),
                answer.getContentAsString(),
                is(jenkins.post(SecuredJenkins.ADMINISTRATOR, target.path(), baits())
                        .getContentAsString()));
    }

    private static boolean isSilent(String path, WebResponse answer) throws Exception {
        String text = answer.getContentAsString();
        if (!path.matches(".*/fill[^/]*")) {
            return text.equals("<div/>");
        }
        for (JsonNode option : JSON.readTree(text).path("values")) {
            String value = option.path("value").asText();
            if (!value.isEmpty() && !value.equals(WRONG)) {
                return false;
            }
        }
        return true;
    }

    private static void assertSilent(String login, String path, WebResponse answer) throws Exception {
        assertThat(path, answer.getStatusCode(), is(200));
        assertThat(login + " at " + path + " is told " + answer.getContentAsString(), isSilent(path, answer), is(true));
    }

    /** Forms of a job: in the job of another, and in one that may be seen but not changed. */
    @Test
    void formsOfJobsAreForThoseWhoChangeThem() throws Exception {
        int talkative = 0;
        for (Target target : targets()) {
            if (!target.isOfForm() || target.answers() != Answers.WHO_CHANGES_THE_FORM) {
                continue;
            }
            String path = jenkins.own.getUrl() + target.path();
            assertSilent(SecuredJenkins.VIEWER, path, jenkins.post(SecuredJenkins.VIEWER, path, baits()));
            for (Attacker attacker : SecuredJenkins.attackersExcept(Attacker.CONFIGURER)) {
                assertThat(jenkins.post(attacker.login(), path, baits()).getStatusCode(), is(anyOf(is(403), is(404))));
            }
            String foreign = jenkins.foreign.getUrl() + target.path();
            assertThat(
                    jenkins.post(Attacker.CONFIGURER.login(), foreign, baits()).getStatusCode(), is(404));
            if (!isSilent(path, jenkins.post(SecuredJenkins.ADMINISTRATOR, path, baits()))) {
                talkative++;
            }
        }
        assertThat("how many have something to say", talkative, is(greaterThan(40)));
    }

    @Test
    void nonePostsWithoutACrumb() throws Exception {
        try (JenkinsRule.WebClient browser = jenkins.rule
                .createWebClient()
                .withThrowExceptionOnFailingStatusCode(false)
                .withJavaScriptEnabled(false)
                .login(SecuredJenkins.ADMINISTRATOR)) {
            for (Target target : targets()) {
                if (target.answers() == Answers.ADMINISTRATORS) {
                    WebRequest request =
                            new WebRequest(new URL(jenkins.rule.getURL(), target.path() + query()), HttpMethod.POST);
                    assertThat(
                            target.path(),
                            browser.getPage(request).getWebResponse().getStatusCode(),
                            is(403));
                }
            }
        }
    }

    /** What is below the list of extensions, the configured servers and the forms that show them. */
    @ParameterizedTest
    @EnumSource(Attacker.class)
    void noOtherWayLeadsThere(Attacker attacker) throws Exception {
        String overview = ProxmoxOverview.class.getName();
        for (String path : List.of(
                "extensionList/hudson.model.ManagementLink/" + overview + "/",
                "extensionList/" + overview + "/" + overview + "/",
                "manage/proxmox-ve/servers/0/descriptor/testConnection",
                "manage/proxmox-ve/servers/0/descriptorByName/x/testConnection",
                "administrativeMonitor/io.jenkins.plugins.proxmox.overview.UnreturnedGuestsMonitor/act",
                "extensionList/hudson.model.PeriodicWork/io.jenkins.plugins.proxmox.lease.LeaseReturns/run",
                "extensionList/hudson.model.PeriodicWork/io.jenkins.plugins.proxmox.overview.PeriodicServerCheck/run",
                "extensionList/hudson.model.PeriodicWork/io.jenkins.plugins.proxmox.lease.OrphanRemoval/run")) {
            if (attacker == Attacker.MANAGER && path.endsWith(overview + "/")) {
                // may see the overview
                continue;
            }
            for (WebResponse answer :
                    List.of(jenkins.get(attacker.login(), path), jenkins.post(attacker.login(), path, baits()))) {
                assertThat(attacker + " at " + path, answer.getStatusCode(), is(anyOf(is(403), is(404), is(405))));
            }
        }
        for (String leaf : List.of("borrowed/leave", "borrowed/tryAgain", "removeClone")) {
            WebResponse answer = jenkins.post(
                    attacker.login(), "extensionList/hudson.model.ManagementLink/" + overview + "/" + leaf, baits());
            assertThat(answer.getStatusCode(), is(not(200)));
        }
    }

    @Test
    void whatReadsOnlyAsksTheServerSeldom() throws Exception {
        lab.proxmox.forgetRequests();
        for (int i = 0; i < 20; i++) {
            jenkins.get(Attacker.MANAGER.login(), "manage/proxmox-ve/server?name=lab");
        }
        List<String> paths =
                lab.proxmox.requests().stream().map(Object::toString).toList();
        assertThat(
                paths, everyItem(is(in(Set.of("GET /version", "GET /access/permissions", "GET /cluster/resources")))));
        assertThat("much less than three for each", paths.size(), is(lessThan(40)));
    }
}
