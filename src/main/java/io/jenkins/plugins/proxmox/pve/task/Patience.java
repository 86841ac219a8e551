package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What to make of trouble while something is awaited that goes on without us: trouble that may pass is told once and
 * borne, so that a node that is down is one line in the log and not one for each look.
 */
public final class Patience {

    private final Consumer<String> log;
    private boolean told;

    /**
     * @param log takes one readable line when trouble comes, and one when it is over
     */
    public Patience(Consumer<String> log) {
        this.log = log;
    }

    /** Whether no later look will bring another answer: access is withdrawn, or there is no such thing. */
    public static boolean isFinal(ProxmoxException trouble) {
        return trouble instanceof AuthenticationFailedException
                || trouble instanceof PermissionDeniedException
                || trouble instanceof RequestRejectedException rejected && !rejected.mayPass();
    }

    /**
     * Bears what may pass.
     *
     * @param waitingFor what goes on all the same, such as {@code waiting for task UPID:…}; asked only if it is told
     * @throws ProxmoxException the trouble, when it is final
     */
    public synchronized void bear(ProxmoxException trouble, Supplier<String> waitingFor) throws ProxmoxException {
        if (isFinal(trouble)) {
            throw trouble;
        }
        if (!told) {
            told = true;
            log.accept(Texts.of("patience.still", waitingFor.get(), trouble.getMessage()));
        }
    }

    /** A look went well: the trouble, if there was one, is over. */
    public synchronized void relieve() {
        if (told) {
            told = false;
            log.accept(Texts.of("patience.over"));
        }
    }
}
