package io.jenkins.plugins.proxmox.pve.diagnosis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The pages of the documentation. */
public final class Pages {

    private Pages() {}

    /** The text of a page, such as {@code docs/permissions.md}; the tests run in the plugin's folder or in one below it. */
    public static String read(String file) {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve(file))) {
            folder = folder.getParent();
        }
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
