package io.jenkins.plugins.proxmox.pve.simulator;

/** The two generations of Proxmox VE that are in the field. Their differences on the wire are all here. */
public enum Generation {
    /**
     * 8.3, December 2024: error texts stand only in the reason phrase, and a 401 says why.
     */
    V8("8.3.2", "8.3"),
    /**
     * 9.2, 2026: error texts are repeated in the body's {@code message}, and a 401 no longer says why.
     */
    V9("9.2.11", "9.2");

    private final String version;
    private final String release;

    Generation(String version, String release) {
        this.version = version;
        this.release = release;
    }

    String version() {
        return version;
    }

    String release() {
        return release;
    }

    /** The reason phrase of a 401 whose cause is {@code why}. */
    String refusal(String why) {
        return this == V8 ? why : "Authentication failed!";
    }

    /** Whether error texts are repeated in the body. */
    boolean repeatsMessages() {
        return this == V9;
    }

    /** Bytes of a request (PVE::APIServer::AnyEvent). */
    long largestBody() {
        return this == V8 ? 64 * 1024 : 512 * 1024;
    }

    /** The privileges of PVEVMUser, PVEVMAdmin and so on differ a little between the two. */
    String guestAgentPrivileges() {
        return this == V9
                ? "VM.GuestAgent.Audit,VM.GuestAgent.FileRead,VM.GuestAgent.FileWrite,VM.GuestAgent.FileSystemMgmt"
                : "";
    }
}
