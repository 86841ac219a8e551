package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.AbortException;
import hudson.Util;
import io.jenkins.plugins.proxmox.pve.client.GuestLocation;
import io.jenkins.plugins.proxmox.pve.guest.GuestSelector;
import java.util.HashMap;
import java.util.Map;

/** The parameters by which steps name a guest, as Jenkinsfiles give them. */
final class GuestParameters {

    private static final String VMID = "vmid";

    private GuestParameters() {}

    /**
     * The arguments with {@code vmid} as a number: build parameters and environment variables are texts.
     *
     * @throws AbortException when it is none
     */
    static Map<String, Object> withNumericVmid(Map<String, Object> arguments) throws AbortException {
        Object vmid = arguments.get(VMID);
        if (vmid == null) {
            return arguments;
        }
        Map<String, Object> result = new HashMap<>(arguments);
        result.put(VMID, number(vmid));
        return result;
    }

    private static int number(Object vmid) throws AbortException {
        String text = vmid.toString().strip();
        if (!text.matches("-?[0-9]{1,18}")) {
            throw new AbortException(
                    Messages.GuestParameters_noNumber(text, GuestLocation.SMALLEST_VMID, GuestLocation.LARGEST_VMID));
        }
        try {
            return GuestLocation.requireVmid(Long.parseLong(text));
        } catch (IllegalArgumentException e) {
            throw new AbortException(e.getMessage());
        }
    }

    /**
     * The guest that is meant.
     *
     * @throws IllegalArgumentException when it is not clear which
     */
    static GuestSelector selector(@CheckForNull Integer vmid, @CheckForNull String name, @CheckForNull String node) {
        return new GuestSelector(vmid, Util.fixEmptyAndTrim(name), Util.fixEmpty(node));
    }
}
