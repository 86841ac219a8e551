package io.jenkins.plugins.proxmox.pve.guest;

/** A controller that signs marks, for tests. Nobody is to be kept out there. */
public record ExampleSigner(String controller) implements CloneMark.Signer {

    private static final long serialVersionUID = 1L;

    @Override
    public String sign(String text) {
        return controller + " has signed " + text.hashCode();
    }
}
