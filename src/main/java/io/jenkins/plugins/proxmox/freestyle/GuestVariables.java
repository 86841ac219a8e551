package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.EnvVars;
import hudson.model.EnvironmentContributingAction;
import hudson.model.InvisibleAction;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.build.GuestEnvironment;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import java.util.Map;
import java.util.TreeMap;

/** The guest that a build controlled last, as environment variables for later steps. */
public final class GuestVariables extends InvisibleAction implements EnvironmentContributingAction {

    private final Map<String, String> variables;

    GuestVariables(ObservedGuest guest, @CheckForNull String ip) {
        this.variables = new TreeMap<>(GuestEnvironment.of(guest, ip));
    }

    @Override
    public void buildEnvironment(@NonNull Run<?, ?> run, @NonNull EnvVars env) {
        env.putAll(variables);
    }
}
