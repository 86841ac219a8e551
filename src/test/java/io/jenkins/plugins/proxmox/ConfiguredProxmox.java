package io.jenkins.plugins.proxmox;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.domains.Domain;
import com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl;
import hudson.model.Descriptor;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.pve.http.CertificateFingerprint;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl;

/**
 * A simulated Proxmox VE, and a Jenkins that has it as its server {@code lab} with the credentials {@code ci}, a
 * Proxmox API Token of {@code jenkins@pve!ci}.
 */
public final class ConfiguredProxmox implements AutoCloseable {

    public final SimulatedProxmox proxmox;
    public final ExampleCluster example;

    private ConfiguredProxmox(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        example = ExampleCluster.in(proxmox);
    }

    /** Only the simulated server; Jenkins knows nothing of it. */
    public static ConfiguredProxmox unconfigured() {
        return unconfigured(Generation.V9);
    }

    /** The same of that generation. */
    public static ConfiguredProxmox unconfigured(Generation generation) {
        return new ConfiguredProxmox(generation);
    }

    public static ConfiguredProxmox start() {
        return start(Generation.V9);
    }

    public static ConfiguredProxmox start(Generation generation) {
        ConfiguredProxmox configured = new ConfiguredProxmox(generation);
        add(token("ci", "jenkins@pve!ci", configured.example.ciSecret()));
        configured.server("lab", "ci");
        return configured;
    }

    /** Adds the simulated server to the configuration of Jenkins under that name. */
    public ProxmoxServer server(String name, String credentialsId) {
        ProxmoxServer server = new ProxmoxServer(name, proxmox.address());
        server.setCredentialsId(credentialsId);
        server.setFingerprint(fingerprint());
        List<ProxmoxServer> servers = new ArrayList<>(ProxmoxConfiguration.get().getServers());
        servers.add(server);
        ProxmoxConfiguration.get().setServers(servers);
        return server;
    }

    public String fingerprint() {
        return CertificateFingerprint.of(proxmox.certificate().certificate()).hex();
    }

    /** Requests that reached the server since the last {@link SimulatedProxmox#forgetRequests()}. */
    public int requests() {
        return proxmox.requests().size();
    }

    public static StandardCredentials token(String id, String tokenId, String secret) {
        return new ProxmoxApiToken(CredentialsScope.GLOBAL, id, null, tokenId, Secret.fromString(secret));
    }

    public static StandardCredentials secretText(String id, String text) {
        return new StringCredentialsImpl(CredentialsScope.GLOBAL, id, null, Secret.fromString(text));
    }

    public static StandardCredentials login(String id, String user, String password) {
        try {
            return new UsernamePasswordCredentialsImpl(CredentialsScope.GLOBAL, id, null, user, password);
        } catch (Descriptor.FormException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stores credentials on the controller. */
    public static void add(StandardCredentials credentials) {
        try {
            CredentialsProvider.lookupStores(jenkins.model.Jenkins.get())
                    .iterator()
                    .next()
                    .addCredentials(Domain.global(), credentials);
            SystemCredentialsProvider.getInstance().save();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        proxmox.close();
    }
}
