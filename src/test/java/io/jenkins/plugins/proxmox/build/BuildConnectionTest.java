package io.jenkins.plugins.proxmox.build;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hudson.model.FreeStyleBuild;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.server.ServerUser;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Work that began on one server does not continue on another one of the same name, not even after a restart. */
@WithJenkins
class BuildConnectionTest {

    @Test
    void staysWithTheServerOnWhichTheWorkBegan(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            FreeStyleBuild build = jenkins.buildAndAssertSuccess(jenkins.createFreeStyleProject());
            ServerUser user = ServerUser.of(build);
            KnownServer begun = new KnownServer();
            new BuildConnection(user, "lab", null, begun).read().get();
            assertThat(begun.addresses(), is(ServerAddress.parseAll(lab.proxmox.address())));
            new BuildConnection(user, "lab", null, begun).read().get();

            List<ServerAddress> others = ServerAddress.parseAll("pve.example.org");
            KnownServer elsewhere = new KnownServer(others);
            var refusal = assertThrows(
                    ExecutionException.class,
                    () -> new BuildConnection(user, "lab", null, elsewhere)
                            .read()
                            .get());
            assertThat(
                    refusal.getCause().getMessage(),
                    containsString("The name \"lab\" now belongs to another Proxmox VE server"));
            assertThat(elsewhere.addresses(), is(others));
        }
    }
}
