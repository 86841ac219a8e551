package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.XmlFile;
import hudson.model.Descriptor;
import hudson.model.ItemGroup;
import hudson.model.Saveable;
import hudson.model.User;
import hudson.model.listeners.SaveableListener;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimits;
import io.jenkins.plugins.proxmox.server.CachedCredentials.Reader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Recently read credentials, for all builds. Reading a secret can mean a request to a secret store over the network,
 * which is slow and sometimes fails. So it happens rarely, and in threads of its own.
 */
@Extension
public final class CredentialsCache extends SaveableListener {

    /** One limit per server, so that a store that hangs does not delay readers of other secrets. */
    private static final ConcurrencyLimits<String> THREADS = new ConcurrencyLimits<>(ControllerThreads.pool(), 4);

    /**
     * @param scope in which they are looked up; null for those of the server
     */
    record Key(
            ServerSettings server,
            String credentialsId,
            @CheckForNull String scope) {}

    private final Map<Key, CachedCredentials> cached = new ConcurrentHashMap<>();

    private final AtomicLong saves = new AtomicLong();

    @NonNull
    static CredentialsCache get() {
        return ExtensionList.lookupSingleton(CredentialsCache.class);
    }

    @NonNull
    CachedCredentials of(Key key, Reader reader) {
        return cached.computeIfAbsent(
                key,
                absent -> new CachedCredentials(reader, THREADS.of(key.server().name()), saves::get, System::nanoTime));
    }

    void forgetIdle() {
        cached.values().removeIf(CachedCredentials::isIdle);
    }

    @Override
    public void onChange(Saveable saved, XmlFile file) {
        if (saved instanceof ProxmoxConfiguration configuration) {
            forgetAllBut(configuration.getServers());
        }
        if (mayHoldCredentials(saved)) {
            saves.incrementAndGet();
        }
    }

    /** Nobody asks for those of settings that were changed. */
    private void forgetAllBut(List<ProxmoxServer> servers) {
        Set<ServerSettings> present = servers.stream().map(ServerSettings::of).collect(Collectors.toSet());
        cached.keySet().removeIf(key -> !present.contains(key.server()));
    }

    /** The credentials of the controller, of folders and of users, and the settings of plugins that provide others. */
    private static boolean mayHoldCredentials(Saveable saved) {
        return saved instanceof SystemCredentialsProvider
                || saved instanceof ItemGroup
                || saved instanceof User
                || saved instanceof Descriptor;
    }
}
