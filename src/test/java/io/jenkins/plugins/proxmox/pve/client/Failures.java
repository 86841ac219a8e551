package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.PresentedCertificate;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import java.time.Duration;
import java.util.Map;

/** Failures that are hard to provoke on loopback, for tests outside of this package. */
public final class Failures {

    private Failures() {}

    /** No answer from {@code address}. */
    public static ConnectionFailedException connection(
            ConnectionFailedException.Kind kind,
            String address,
            String message,
            @Nullable PresentedCertificate certificate) {
        return new ConnectionFailedException(kind, ServerAddress.parse(address), message, certificate, false, null);
    }

    /** An answer with an error. */
    public static ProxmoxException answer(String identity, ErrorAnswer failure) {
        return switch (failure.status()) {
            case 401 -> new AuthenticationFailedException(identity, failure);
            case 403 -> new PermissionDeniedException(identity, failure);
            case 595, 596, 597, 598, 599 -> new NodeUnreachableException(failure);
            default -> new RequestRejectedException(failure);
        };
    }

    /** An answer to {@code GET /version} that is none of Proxmox VE. */
    public static NotProxmoxException stranger(String address, int status, String what) {
        return stranger(
                new ErrorAnswer(address, "GET", "/version", status, "", null, Map.of(), null, null, null), what);
    }

    /** An answer to a read that is none of Proxmox VE. */
    public static NotProxmoxException stranger(ErrorAnswer answer, String what) {
        return new NotProxmoxException(ApiRequest.get(ApiPath.of("version")), answer, what, Duration.ZERO);
    }
}
