package io.jenkins.plugins.proxmox.demo;

import io.jenkins.plugins.proxmox.pve.http.CertificateFingerprint;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The simulated Proxmox VE of {@code mvn -Pdemo}, in a process of its own that ends with that of Maven. It writes the
 * home folder of a Jenkins in which it is configured, with sample jobs.
 */
public final class DemoServer {

    private static final List<String> JOBS =
            List.of("start-look-stop.groovy", "control-a-guest.groovy", "with-a-guest.groovy");

    private DemoServer() {}

    /**
     * @param arguments the home folder of Jenkins, and the process with whose end this one ends
     */
    public static void main(String[] arguments) throws IOException {
        Path home = Path.of(arguments[0]);
        SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);
        proxmox.delayUnauthorized(Duration.ofSeconds(3));
        ExampleCluster example = ExampleCluster.in(proxmox);
        proxmox.cluster().timing(Duration.ofSeconds(2), Duration.ofSeconds(8), Duration.ofSeconds(2));

        Files.createDirectories(home.resolve("init.groovy.d"));
        Files.writeString(
                home.resolve("jenkins.yaml"),
                resource("jenkins.yaml")
                        .replace("@ADDRESS@", proxmox.address())
                        .replace("@FINGERPRINT@", fingerprint(proxmox))
                        .replace("@CI_SECRET@", example.ciSecret())
                        .replace("@LIMITED_SECRET@", example.limitedSecret()));
        for (String job : JOBS) {
            Files.writeString(home.resolve(job), resource(job));
        }
        Files.writeString(home.resolve("init.groovy.d/demo.groovy"), resource("demo.groovy"));
        System.out.println("A simulated Proxmox VE " + Generation.V9 + " listens on https://" + proxmox.address());
        Files.writeString(home.resolve(DemoSetup.READY), proxmox.address());

        ProcessHandle.of(Long.parseLong(arguments[1]))
                .ifPresent(maven -> maven.onExit().join());
        proxmox.close();
    }

    private static String fingerprint(SimulatedProxmox proxmox) {
        return CertificateFingerprint.of(proxmox.certificate().certificate()).hex();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = DemoServer.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
