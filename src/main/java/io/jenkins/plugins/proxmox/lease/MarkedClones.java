package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.build.ControllerSignature;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The clones of this controller on a server for which no lease stands, in the order of the list. Left out are those of
 * other controllers, those whose mark it has not signed, copies that somebody has made of a clone, and clones that somebody has turned into a template.
 *
 * @param unread how many other guests have the tag, but could not be read, or not in time
 */
public record MarkedClones(@NonNull List<MarkedClone> clones, int unread) {

    private static final Logger LOGGER = Logger.getLogger(MarkedClones.class.getName());

    public MarkedClones {
        clones = List.copyOf(clones);
    }

    /**
     * Reads the marks: one request for each guest with the tag {@value CloneMark#TAG} that no lease stands for.
     *
     * @param server its name
     * @param most how many guests to read
     * @param limit after which time to stop
     */
    @NonNull
    public static MarkedClones read(
            ProxmoxClient client, String server, Collection<ListedGuest> guests, int most, Duration limit) {
        Instant end = Instant.now().plus(limit);
        List<MarkedClone> clones = new ArrayList<>();
        int read = 0;
        int unread = 0;
        boolean goesOn = true;
        for (ListedGuest guest : guests) {
            if (!mayBeOurs(guest, server)) {
                continue;
            }
            goesOn &= read < most && Instant.now().isBefore(end);
            // the node of a guest without a state is off, and would be waited for
            if (!goesOn || guest.status().equals("unknown")) {
                unread++;
                continue;
            }
            try {
                GuestConfig config = client.config(guest.location());
                CloneMark mark = CloneMark.in(config.description());
                read++;
                if (mark != null && isOurs(guest, mark)) {
                    clones.add(new MarkedClone(guest, mark, config.isProtected(), client.addresses()));
                }
            } catch (ProxmoxException e) {
                LOGGER.log(Level.FINE, e, () -> "Could not read the mark of " + guest);
                // the list of guests may be ten seconds old
                unread += e instanceof RequestRejectedException refusal && refusal.isNoSuchGuest() ? 0 : 1;
                goesOn = !(e instanceof ConnectionFailedException || e instanceof NodeUnreachableException);
            }
        }
        return new MarkedClones(clones, unread);
    }

    private static boolean mayBeOurs(ListedGuest guest, String server) {
        return guest.tags().contains(CloneMark.TAG)
                && !guest.template()
                && Leases.get().all().stream()
                        .noneMatch(lease -> lease.server().equals(server)
                                && lease.hasCloned(guest.location().vmid()));
    }

    /**
     * A copy that somebody has made of a clone has its mark too, but is theirs. A mark that this controller has not signed
     * may be anybody's who may edit notes.
     */
    private static boolean isOurs(ListedGuest guest, CloneMark mark) {
        return mark.isSignedBy(new ControllerSignature())
                && Objects.equals(mark.vmid(), guest.location().vmid());
    }

    /** The clone with that VMID and a mark with that id. */
    @NonNull
    public Optional<MarkedClone> find(int vmid, String id) {
        return clones.stream()
                .filter(clone -> clone.guest().location().vmid() == vmid
                        && clone.mark().id().equals(id))
                .findFirst();
    }
}
