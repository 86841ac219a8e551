package io.jenkins.plugins.proxmox.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import java.net.URL;
import java.util.Locale;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;
import org.jvnet.localizer.LocaleProvider;
import org.kohsuke.stapler.Stapler;
import org.kohsuke.stapler.StaplerRequest2;

@WithJenkins
class ControllerLanguageTest {

    /** Of which the tests have a translation of two texts. */
    private static final String OTHER_LANGUAGE = "qaa";

    private final LocaleProvider before = LocaleProvider.getProvider();

    /** As hudson.WebAppMain does, for which the test harness has a locale of its own. */
    private static void followTheBrowser() {
        LocaleProvider.setProvider(new LocaleProvider() {
            @Override
            public Locale get() {
                StaplerRequest2 request = Stapler.getCurrentRequest2();
                return request == null
                        ? Locale.getDefault()
                        : Locale.forLanguageTag(request.getHeader("Accept-Language"));
            }
        });
    }

    @AfterEach
    void followNobody() {
        LocaleProvider.setProvider(before);
    }

    @Test
    void aFormIsAnsweredInTheLanguageOfTheBrowserAsFarAsItIsTranslated(JenkinsRule jenkins) throws Exception {
        followTheBrowser();
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            String here = testConnection(jenkins, lab, "en");
            assertThat(here, containsString("The server answers, and its certificate is trusted."));
            String there = testConnection(jenkins, lab, OTHER_LANGUAGE);
            assertThat(there, containsString("La servilo respondas"));
            assertThat(there, containsString("It accepts jenkins@pve!ci."));
        }
    }

    private static String testConnection(JenkinsRule jenkins, ConfiguredProxmox lab, String language) throws Exception {
        WebRequest request = new WebRequest(
                new URL(jenkins.getURL() + "descriptorByName/" + ProxmoxServer.class.getName()
                        + "/testConnection?name=lab&credentialsId=ci&connectTimeout=10&responseTimeout=40&caCertificates="
                        + "&verificationOff=false&addresses=" + lab.proxmox.address() + "&fingerprint="
                        + lab.fingerprint()),
                HttpMethod.POST);
        JenkinsRule.WebClient browser = jenkins.createWebClient();
        browser.addRequestHeader("Accept-Language", language);
        browser.addCrumb(request);
        return browser.getPage(request).getWebResponse().getContentAsString();
    }
}
