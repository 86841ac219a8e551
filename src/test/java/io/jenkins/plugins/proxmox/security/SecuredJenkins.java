package io.jenkins.plugins.proxmox.security;

import com.cloudbees.hudson.plugins.folder.Folder;
import hudson.ExtensionList;
import hudson.model.Descriptor;
import hudson.model.FreeStyleProject;
import hudson.model.Item;
import hudson.model.User;
import hudson.security.ACL;
import hudson.security.ACLContext;
import java.io.IOException;
import java.net.URL;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.htmlunit.HttpMethod;
import org.htmlunit.Page;
import org.htmlunit.WebRequest;
import org.htmlunit.WebResponse;
import org.htmlunit.util.NameValuePair;
import org.htmlunit.util.WebConnectionWrapper;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/**
 * A Jenkins in which an administrator has everything and each {@link Attacker} next to nothing. The
 * {@linkplain Attacker#CONFIGURER configurer} may configure the job {@code team/own} and no other.
 */
final class SecuredJenkins {

    static final String ADMINISTRATOR = "admin";

    /** May see, and read the configuration of, the job of the configurer; an auditor, say. */
    static final String VIEWER = "viewer";

    final JenkinsRule rule;
    final Folder team;
    final FreeStyleProject own;
    final FreeStyleProject foreign;
    private Map<Class<?>, List<WebMethods.Reached>> webMethods;
    private final Map<String, JenkinsRule.WebClient> browsers = new HashMap<>();

    SecuredJenkins(JenkinsRule rule) throws Exception {
        this.rule = rule;
        team = rule.createProject(Folder.class, "team");
        own = team.createProject(FreeStyleProject.class, "own");
        foreign = rule.createProject(Folder.class, "others").createProject(FreeStyleProject.class, "foreign");
        rule.jenkins.setSecurityRealm(rule.createDummySecurityRealm());
        rule.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.ADMINISTER)
                .everywhere()
                .to(ADMINISTRATOR)
                .grant(Jenkins.READ)
                .everywhere()
                .to(Attacker.READER.login(), Attacker.CONFIGURER.login(), VIEWER)
                .grant(Jenkins.READ, Jenkins.MANAGE)
                .onRoot()
                .to(Attacker.MANAGER.login())
                .grant(Item.READ)
                .onItems(team)
                .to(Attacker.CONFIGURER.login(), VIEWER)
                .grant(Item.READ, Item.CONFIGURE, Item.BUILD)
                .onItems(own)
                .to(Attacker.CONFIGURER.login())
                .grant(Item.READ)
                .onItems(own)
                .to(VIEWER));
    }

    /** What URLs reach of the classes of this plugin. */
    Map<Class<?>, List<WebMethods.Reached>> webMethods() throws Exception {
        if (webMethods == null) {
            webMethods = WebMethods.all(rule, ADMINISTRATOR);
        }
        return webMethods;
    }

    /** The same of the forms, by the beginning of their URLs below a context. */
    Map<String, List<WebMethods.Reached>> webMethodsOfForms() throws Exception {
        Map<String, List<WebMethods.Reached>> forms = new TreeMap<>();
        for (Descriptor<?> each : ExtensionList.lookup(Descriptor.class)) {
            if (webMethods().containsKey(each.getClass())) {
                forms.put("descriptorByName/" + each.getId() + "/", webMethods().get(each.getClass()));
            }
        }
        return forms;
    }

    /** An answer to somebody. Errors are answers, too. */
    WebResponse get(String login, String path) throws Exception {
        return send(login, HttpMethod.GET, path, Map.of());
    }

    /** The same by POST, with a valid crumb. */
    WebResponse post(String login, String path, Map<String, String> parameters) throws Exception {
        return send(login, HttpMethod.POST, path, parameters);
    }

    private WebResponse send(String login, HttpMethod verb, String path, Map<String, String> parameters)
            throws Exception {
        JenkinsRule.WebClient browser = browser(login);
        WebRequest request = new WebRequest(new URL(rule.getURL(), path), verb);
        if (!parameters.isEmpty()) {
            request.setRequestParameters(parameters.entrySet().stream()
                    .map(parameter -> new NameValuePair(parameter.getKey(), parameter.getValue()))
                    .toList());
        }
        if (verb == HttpMethod.POST) {
            browser.addCrumb(request);
        }
        Page page = browser.getPage(request);
        return page.getWebResponse();
    }

    /** A browser without JavaScript that shows errors as pages. */
    private JenkinsRule.WebClient browser(String login) throws Exception {
        JenkinsRule.WebClient known = browsers.get(login);
        if (known == null) {
            known = rule.createWebClient()
                    .withThrowExceptionOnFailingStatusCode(false)
                    .withJavaScriptEnabled(false);
            if (!login.equals(Attacker.NOBODY.login())) {
                known.login(login);
            }
            // what is asked for counts, not the page for those who are not logged in
            known.getOptions().setRedirectEnabled(false);
            known.setRefreshHandler((page, url, seconds) -> {});
            browsers.put(login, known);
        }
        return known;
    }

    /** What the page of the global configuration submits when an administrator saves it as it is. */
    String submittedConfiguration() throws Exception {
        AtomicReference<String> submitted = new AtomicReference<>();
        try (JenkinsRule.WebClient browser = rule.createWebClient().login(ADMINISTRATOR)) {
            new WebConnectionWrapper(browser) {
                @Override
                public WebResponse getResponse(WebRequest request) throws IOException {
                    if (request.getUrl().getPath().endsWith("/configSubmit")) {
                        request.getRequestParameters().stream()
                                .filter(parameter -> parameter.getName().equals("json"))
                                .forEach(parameter -> submitted.set(parameter.getValue()));
                    }
                    return super.getResponse(request);
                }
            };
            rule.submit(browser.goTo("manage/configure").getFormByName("config"));
        }
        return submitted.get();
    }

    /** All that a page, a form or an answer shows to somebody. */
    String text(String login, String path) throws Exception {
        return get(login, path).getContentAsString();
    }

    /** A Pipeline in the sandbox, as anybody can write one who can configure a job or open a pull request. */
    WorkflowJob pipeline(Folder folder, String name, String script) throws Exception {
        WorkflowJob job = (WorkflowJob) folder.getItem(name);
        if (job == null) {
            job = folder.createProject(WorkflowJob.class, name);
        }
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job;
    }

    /** Acts inside of the controller as somebody. */
    static ACLContext as(String login) {
        return ACL.as2(User.getById(login, true).impersonate2());
    }

    /** The rest of the attackers. */
    static List<Attacker> attackersExcept(Attacker except) {
        return Stream.of(Attacker.values()).filter(each -> each != except).toList();
    }
}
