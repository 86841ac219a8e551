package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.SafeText;

/**
 * The operating system in a guest, as its QEMU guest agent names it.
 *
 * @param id such as {@code debian} or {@code mswindows}; empty when the agent does not say
 * @param name such as {@code Debian GNU/Linux 12 (bookworm)}; empty when the agent does not say
 */
public record GuestSystem(String id, String name) {

    @NonNull
    public static GuestSystem from(JsonNode json) {
        return new GuestSystem(
                SafeText.singleLine(json.path("id").asText("")),
                SafeText.singleLine(
                        json.path("pretty-name").asText(json.path("name").asText(""))));
    }

    /** Whether it is Windows, which the agent calls {@code mswindows} (QEMU, qga/commands-win32.c). */
    public boolean isWindows() {
        return id.equals("mswindows");
    }
}
