package io.jenkins.plugins.proxmox;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.model.AdministrativeMonitor;
import hudson.model.Node;
import hudson.model.TopLevelItem;
import hudson.security.ACL;
import hudson.security.AuthorizationStrategy;
import hudson.security.SecurityRealm;
import io.jenkins.plugins.proxmox.lease.ExampleLeases;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import jenkins.model.Jenkins;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.jvnet.hudson.test.JenkinsRule;

/**
 * One Jenkins for all tests of a class that need none of their own, because starting it takes longer than they do. What a
 * test has configured and made in it is gone before the next test.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(WithOneJenkins.Extension.class)
public @interface WithOneJenkins {

    /** Starts the Jenkins when the first test asks for it, and stops it after the last. */
    final class Extension implements ParameterResolver, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

        private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(Extension.class);

        private static final class OneJenkins extends JenkinsRule {

            OneJenkins(Class<?> test) {
                testDescription = org.junit.runner.Description.createSuiteDescription(test);
            }

            @Override
            public void recipe() throws Exception {
                ACL.as2(ACL.SYSTEM2);
                super.recipe();
            }
        }

        private static ExtensionContext.Store store(ExtensionContext context) {
            ExtensionContext outermost = context;
            while (outermost.getParent().flatMap(ExtensionContext::getTestClass).isPresent()) {
                outermost = outermost.getParent().orElseThrow();
            }
            return outermost.getStore(NAMESPACE);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType().equals(JenkinsRule.class);
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return store(context).getOrComputeIfAbsent(OneJenkins.class, key -> {
                OneJenkins started = new OneJenkins(context.getRequiredTestClass());
                try {
                    started.before();
                } catch (Throwable e) {
                    throw new AssertionError("Jenkins did not start", e);
                }
                return started;
            });
        }

        @Override
        public void beforeEach(ExtensionContext context) {
            ACL.as2(ACL.SYSTEM2);
        }

        @Override
        public void afterEach(ExtensionContext context) throws Exception {
            OneJenkins running = store(context).get(OneJenkins.class, OneJenkins.class);
            if (running != null) {
                empty(running.jenkins);
            }
        }

        private static void empty(Jenkins jenkins) throws Exception {
            for (TopLevelItem item : jenkins.getItems()) {
                item.delete();
            }
            for (Node agent : jenkins.getNodes()) {
                jenkins.removeNode(agent);
            }
            jenkins.setProxy(null);
            jenkins.setSecurityRealm(SecurityRealm.NO_AUTHENTICATION);
            jenkins.setAuthorizationStrategy(AuthorizationStrategy.UNSECURED);
            for (AdministrativeMonitor monitor : AdministrativeMonitor.all()) {
                monitor.disable(false);
            }
            ExampleLeases.clear();
            ProxmoxConfiguration.get().setServers(List.of());
            SystemCredentialsProvider.getInstance().getDomainCredentialsMap().clear();
            SystemCredentialsProvider.getInstance().save();
        }

        @Override
        public void afterAll(ExtensionContext context) throws Exception {
            OneJenkins running = store(context).remove(OneJenkins.class, OneJenkins.class);
            if (running != null) {
                running.after();
            }
        }
    }
}
