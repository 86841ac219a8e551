package io.jenkins.plugins.proxmox.overview;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import java.util.List;
import jenkins.model.Jenkins;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/**
 * One Jenkins for all tests of a class, which need none of their own: starting it takes longer than they do. Known to
 * it are {@code admin}, {@code manager} with Overall/Manage and {@code reader} with Overall/SystemRead.
 */
record SharedJenkins(JenkinsRule rule) {

    SharedJenkins {
        rule.jenkins.setSecurityRealm(rule.createDummySecurityRealm());
        rule.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.ADMINISTER)
                .everywhere()
                .to("admin")
                .grant(Jenkins.READ, Jenkins.MANAGE)
                .everywhere()
                .to("manager")
                .grant(Jenkins.READ, Jenkins.SYSTEM_READ)
                .everywhere()
                .to("reader"));
    }

    /** No servers and no credentials, as at first. */
    void empty() {
        ProxmoxConfiguration.get().setServers(List.of());
        SystemCredentialsProvider.getInstance().getCredentials().clear();
    }

    /** A browser that shows errors as pages. What scripts make of a page is looked at in a real one. */
    JenkinsRule.WebClient browser(String user) throws Exception {
        return rule.createWebClient()
                .withThrowExceptionOnFailingStatusCode(false)
                .withJavaScriptEnabled(false)
                .login(user);
    }
}
