package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import jenkins.model.Jenkins;
import jenkins.security.HMACConfidentialKey;

/**
 * Signs the marks of clones with a key that Jenkins keeps encrypted and never gives away. The name of the controller is no
 * secret: it stands in the notes of every clone.
 */
public record ControllerSignature() implements CloneMark.Signer {

    private static final long serialVersionUID = 1L;

    private static final HMACConfidentialKey KEY = new HMACConfidentialKey(ControllerSignature.class, "clones");

    @NonNull
    @Override
    public String controller() {
        return Jenkins.get().getLegacyInstanceId();
    }

    @NonNull
    @Override
    public String sign(String text) {
        return KEY.mac(text);
    }
}
