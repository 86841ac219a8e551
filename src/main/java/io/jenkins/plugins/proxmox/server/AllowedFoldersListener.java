package io.jenkins.plugins.proxmox.server;

import hudson.Extension;
import hudson.model.Item;
import hudson.model.listeners.ItemListener;
import hudson.security.ACL;
import hudson.security.ACLContext;
import java.util.function.UnaryOperator;
import java.util.logging.Logger;

/**
 * Updates the limits of servers when folders are renamed, moved or deleted. Otherwise, anyone could gain access to a
 * server by creating a folder with a name that became free.
 *
 * <p>Runs before other listeners. Until the limit is updated, jobs in the folder cannot use the server, and their waits
 * end.
 */
@Extension(ordinal = 1000)
public final class AllowedFoldersListener extends ItemListener {

    private static final Logger LOGGER = Logger.getLogger(AllowedFoldersListener.class.getName());

    /**
     * Jenkins calls this for the folder itself first and then for all items below it (ItemListener.fireLocationChange).
     */
    @Override
    public void onLocationChanged(Item item, String oldFullName, String newFullName) {
        if (!AllowedFolders.isFolder(item)) {
            return;
        }
        for (ProxmoxServer server : ProxmoxConfiguration.get().getServers()) {
            if (server.folderLimit().isLostByMove(oldFullName, newFullName)) {
                LOGGER.warning(Messages.AllowedFoldersListener_lost(oldFullName, newFullName, server.getName()));
            }
        }
        change(
                Messages.AllowedFoldersListener_moved(oldFullName, newFullName),
                pattern -> AllowedFolders.moved(pattern, oldFullName, newFullName));
    }

    @Override
    public void onDeleted(Item item) {
        if (AllowedFolders.isFolder(item)) {
            String folder = item.getFullName();
            change(Messages.AllowedFoldersListener_deleted(folder), pattern -> AllowedFolders.deleted(pattern, folder));
        }
    }

    /** Runs as the system, because users who rename a folder need not be administrators. */
    private static void change(String cause, UnaryOperator<String> change) {
        try (ACLContext system = ACL.as2(ACL.SYSTEM2)) {
            ProxmoxConfiguration.get().changeFolders(cause, change);
        }
    }
}
