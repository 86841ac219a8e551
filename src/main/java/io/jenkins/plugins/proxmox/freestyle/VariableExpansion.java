package io.jenkins.plugins.proxmox.freestyle;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.EnvVars;
import hudson.Util;
import io.jenkins.plugins.proxmox.build.GuestParameters;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The fields of a form with the values of build parameters and environment variables in the place of {@code ${NAME}}.
 * All of its methods throw {@link IllegalArgumentException}, which names the field, when that leads to nothing.
 */
final class VariableExpansion {

    private final EnvVars environment;

    VariableExpansion(EnvVars environment) {
        this.environment = environment;
    }

    /**
     * The text with its variables replaced; null if none is given. A variable without a value is an error, and so is one
     * with an empty value that leaves nothing: with no server named, say, another one would be meant.
     */
    @CheckForNull
    String text(String field, @CheckForNull String given) {
        if (GuestParameters.text(given) == null) {
            return null;
        }
        Set<String> unknown = new LinkedHashSet<>();
        String expanded = Util.replaceMacro(given, name -> {
            String value = environment.get(name);
            if (value == null) {
                unknown.add(name);
            }
            return value;
        });
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    Messages.VariableExpansion_unknown(field, SafeText.singleLine(given), String.join(", ", unknown)));
        }
        if (GuestParameters.text(expanded) == null) {
            throw new IllegalArgumentException(Messages.VariableExpansion_empty(field, SafeText.singleLine(given)));
        }
        return expanded;
    }

    <T> T choice(String field, @CheckForNull String given, T[] choices) {
        return GuestParameters.choice(field, text(field, given), choices);
    }
}
