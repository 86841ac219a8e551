package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Util;
import io.jenkins.plugins.proxmox.pve.client.GuestLocation;
import io.jenkins.plugins.proxmox.pve.guest.GuestSelector;
import java.util.HashMap;
import java.util.Map;

/** The parameters by which jobs name a guest, as Jenkinsfiles and forms give them. */
public final class GuestParameters {

    private static final String VMID = "vmid";

    private GuestParameters() {}

    /**
     * The arguments with {@code vmid} as a number: build parameters and environment variables are texts.
     *
     * @throws AbortException when it is none
     */
    @NonNull
    public static Map<String, Object> withNumericVmid(Map<String, Object> arguments) throws AbortException {
        Object vmid = arguments.get(VMID);
        if (vmid == null) {
            return arguments;
        }
        Map<String, Object> result = new HashMap<>(arguments);
        try {
            result.put(VMID, vmid(vmid.toString()));
        } catch (IllegalArgumentException e) {
            throw (AbortException) BuildConsole.failure(e);
        }
        return result;
    }

    /**
     * The VMID that a number is or a text holds; null when there is neither.
     *
     * @throws IllegalArgumentException when it is or holds something else
     */
    @CheckForNull
    public static Integer vmid(@CheckForNull Object given) {
        String text = given == null ? null : Util.fixEmptyAndTrim(given.toString());
        return text == null ? null : (Integer) vmid(text);
    }

    /**
     * The VMID that a text holds.
     *
     * @throws IllegalArgumentException when it holds none
     */
    public static int vmid(String given) {
        String text = given.strip();
        if (!text.matches("-?[0-9]{1,18}")) {
            throw new IllegalArgumentException(
                    Messages.GuestParameters_noNumber(text, GuestLocation.SMALLEST_VMID, GuestLocation.LARGEST_VMID));
        }
        return GuestLocation.requireVmid(Long.parseLong(text));
    }

    /**
     * The guest that is meant.
     *
     * @throws IllegalArgumentException when it is not clear which
     */
    @NonNull
    public static GuestSelector selector(
            @CheckForNull Integer vmid, @CheckForNull String name, @CheckForNull String node) {
        return new GuestSelector(vmid, Util.fixEmptyAndTrim(name), Util.fixEmpty(node));
    }
}
