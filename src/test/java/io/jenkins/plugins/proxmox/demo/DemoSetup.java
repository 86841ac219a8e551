package io.jenkins.plugins.proxmox.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What {@code mvn -Pdemo} runs before it starts Jenkins: starts the {@link DemoServer} and waits until it listens. */
public final class DemoSetup {

    /** Written by the server when everything is in place. */
    static final String READY = "simulated-proxmox.ready";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private DemoSetup() {}

    /**
     * @param arguments the home folder of Jenkins
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path home = Files.createDirectories(Path.of(arguments[0]));
        Path ready = home.resolve(READY);
        Files.deleteIfExists(ready);
        long maven = ProcessHandle.current().parent().orElseThrow().pid();
        Path log = home.resolve("simulated-proxmox.log");
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DemoServer.class.getName(),
                        home.toString(),
                        String.valueOf(maven))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(ready)) {
            if (server.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                throw new IllegalStateException("The simulated Proxmox VE did not start:\n" + Files.readString(log));
            }
        }
        System.out.println("A simulated Proxmox VE listens on https://" + Files.readString(ready) + ".");
        System.out.println("Jenkins will be at http://localhost:8080/jenkins/ ; the job start-look-stop runs first.");
    }
}
