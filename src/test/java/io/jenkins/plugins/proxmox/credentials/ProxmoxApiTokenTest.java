package io.jenkins.plugins.proxmox.credentials;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.cloudbees.plugins.credentials.CredentialsNameProvider;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.util.FormValidation;
import hudson.util.Secret;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jenkins.model.Jenkins;
import org.htmlunit.html.HtmlButton;
import org.htmlunit.html.HtmlElementUtil;
import org.htmlunit.html.HtmlForm;
import org.htmlunit.html.HtmlFormUtil;
import org.htmlunit.html.HtmlPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

@WithOneJenkins
class ProxmoxApiTokenTest {

    private static final String SECRET = "0f5c2b1e-7d60-4b6f-9c39-5e2d8a417c66";

    private static ProxmoxApiToken.DescriptorImpl descriptor(JenkinsRule jenkins) {
        return (ProxmoxApiToken.DescriptorImpl) jenkins.jenkins.getDescriptorOrDie(ProxmoxApiToken.class);
    }

    @Test
    void survivesItsForm(JenkinsRule jenkins) throws Exception {
        ProxmoxApiToken token = new ProxmoxApiToken(
                CredentialsScope.GLOBAL, "pve", "nightly builds", "jenkins@pve!ci", Secret.fromString(SECRET));
        ConfiguredProxmox.add(token);
        HtmlPage page = jenkins.createWebClient().goTo("credentials/store/system/domain/_/credential/pve");
        HtmlElementUtil.click(page.<HtmlButton>querySelector("button[data-type='credentials-update']"));
        HtmlForm form = page.querySelector("#credentials-dialog-form");
        assertThat(page.asXml(), not(containsString(SECRET)));
        HtmlFormUtil.submit(form);
        ProxmoxApiToken saved = (ProxmoxApiToken)
                SystemCredentialsProvider.getInstance().getCredentials().get(0);
        jenkins.assertEqualDataBoundBeans(token, saved);
        assertThat(saved.getSecret().getPlainText(), is(SECRET));
    }

    @Test
    void isNamedByTokenIdAndDescription(JenkinsRule jenkins) {
        Secret secret = Secret.fromString(SECRET);
        assertThat(
                CredentialsNameProvider.name(
                        new ProxmoxApiToken(null, "a", "nightly builds", "jenkins@pve!ci", secret)),
                is("jenkins@pve!ci (nightly builds)"));
        assertThat(
                CredentialsNameProvider.name(new ProxmoxApiToken(null, "b", " ", "jenkins@pve!ci", secret)),
                is("jenkins@pve!ci"));
    }

    @Test
    void saysWhatIsWrongWithATokenId(JenkinsRule jenkins) {
        Map.of(
                        "",
                        "The token ID is missing.",
                        "jenkins@pve",
                        "This is a user without a token name",
                        "jenkins!ci",
                        "The realm is missing",
                        "PVEAPIToken=jenkins@pve!ci=" + SECRET,
                        "This is the whole Authorization header.",
                        "jenkins@pve!ci=" + SECRET,
                        "This text contains both the token ID and the secret.",
                        "jenkins @pve!ci",
                        "The token ID contains a blank or a line break.",
                        "ci",
                        "The token ID has the form user@realm!name.")
                .forEach((typed, message) -> {
                    FormValidation validation = descriptor(jenkins).doCheckTokenId(null, typed);
                    assertThat(typed, validation.kind, is(FormValidation.Kind.ERROR));
                    assertThat(validation.getMessage(), containsString(message));
                    assertThat(validation.getMessage(), not(containsString(SECRET)));
                });
        assertThat(descriptor(jenkins).doCheckTokenId(null, "jenkins@pve!ci").kind, is(FormValidation.Kind.OK));
        assertThat(descriptor(jenkins).doCheckTokenId(null, "root@pam!ci").kind, is(FormValidation.Kind.WARNING));
    }

    @Test
    void saysWhatIsWrongWithASecretWithoutRepeatingIt(JenkinsRule jenkins) {
        Map.of(
                        "",
                        "it is empty.",
                        "PVEAPIToken=jenkins@pve!ci=" + SECRET,
                        "it also contains the token ID or the whole header.",
                        "jenkins@pve!ci=" + SECRET,
                        "it also contains the token ID or the whole header.",
                        SECRET + " " + SECRET,
                        "it contains spaces or line breaks.",
                        "\"" + SECRET + "\"",
                        "it is in quotation marks.",
                        "hunter2",
                        "it has another format.")
                .forEach((typed, message) -> {
                    FormValidation validation = descriptor(jenkins).doCheckSecret(null, Secret.fromString(typed));
                    assertThat(typed, validation.kind, not(FormValidation.Kind.OK));
                    assertThat(validation.getMessage(), containsString("The secret cannot be right: " + message));
                    assertThat(validation.getMessage(), containsString("Enter only the secret itself"));
                    assertThat(validation.getMessage(), not(containsString(SECRET)));
                    assertThat(validation.getMessage(), not(containsString("hunter2")));
                });
        assertThat(descriptor(jenkins).doCheckSecret(null, Secret.fromString(SECRET)).kind, is(FormValidation.Kind.OK));
    }

    @Test
    void takesOffWhatFilesAndClipboardsLeaveAtTheEnds(JenkinsRule jenkins) {
        ProxmoxApiToken token = new ProxmoxApiToken(
                CredentialsScope.GLOBAL,
                "pve",
                null,
                "\ufeffjenkins@pve!ci\r\n",
                Secret.fromString(SECRET + "\u00a0\n"));
        assertThat(token.getTokenId(), is("jenkins@pve!ci"));
        assertThat(token.getSecret().getPlainText(), is(SECRET));
        assertThat(descriptor(jenkins).doCheckTokenId(null, " jenkins@pve!ci\n").kind, is(FormValidation.Kind.OK));
        assertThat(
                descriptor(jenkins).doCheckSecret(null, Secret.fromString(SECRET + "\n")).kind,
                is(FormValidation.Kind.OK));
    }

    @Test
    void checksNothingForWhoMayNotEditCredentials(JenkinsRule jenkins) throws Exception {
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(
                new MockAuthorizationStrategy().grant(Jenkins.READ).everywhere().toEveryone());
        try (var as = hudson.security.ACL.as2(Jenkins.ANONYMOUS2)) {
            assertThat(
                    descriptor(jenkins).doCheckSecret(null, Secret.fromString("hunter2")).kind,
                    is(FormValidation.Kind.OK));
            assertThat(descriptor(jenkins).doCheckTokenId(null, "nonsense").kind, is(FormValidation.Kind.OK));
        }
    }

    @Test
    void comesFromConfigurationAsCodeAndGoesBackWithoutItsSecret(JenkinsRule jenkins, @TempDir Path folder)
            throws Exception {
        Path yaml = folder.resolve("jenkins.yaml");
        Files.writeString(yaml, """
                credentials:
                  system:
                    domainCredentials:
                      - credentials:
                          - proxmoxApiToken:
                              scope: GLOBAL
                              id: pve
                              description: nightly builds
                              tokenId: jenkins@pve!ci
                              secret: %s
                """.formatted(SECRET));
        ConfigurationAsCode.get().configure(yaml.toString());
        List<ProxmoxApiToken> found = CredentialsProvider.lookupCredentialsInItemGroup(
                ProxmoxApiToken.class, jenkins.jenkins, hudson.security.ACL.SYSTEM2, List.of());
        assertThat(found.get(0).getTokenId(), is("jenkins@pve!ci"));
        assertThat(found.get(0).getSecret().getPlainText(), is(SECRET));
        assertThat(
                SystemCredentialsProvider.getInstance()
                        .getDomainCredentialsMap()
                        .containsKey(Domain.global()),
                is(true));

        ByteArrayOutputStream exported = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(exported);
        String text = exported.toString(StandardCharsets.UTF_8);
        assertThat(text, containsString("proxmoxApiToken:"));
        assertThat(text, containsString("tokenId: \"jenkins@pve!ci\""));
        assertThat(text, not(containsString(SECRET)));
    }
}
