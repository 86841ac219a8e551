package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.GuestUse;
import java.util.List;
import java.util.Set;

/**
 * The result of a connection test.
 *
 * @param lines the checks in order, each with its result
 * @param rights the rights of the identity, path by path
 * @param uses what the identity can do with how many guests
 * @param trouble why the test stopped early, or null if it did not
 */
public record ConnectionReport(
        List<Evidence> lines,
        List<Rights> rights,
        List<GuestUse> uses,
        @Nullable Diagnosis trouble) {

    /**
     * The rights on one path.
     *
     * @param role the role of the server with exactly these privileges, or an empty text
     */
    public record Rights(String path, Set<String> privileges, String role) {}

    public ConnectionReport {
        lines = List.copyOf(lines);
        rights = List.copyOf(rights);
        uses = List.copyOf(uses);
    }

    /** Whether everything is as it should be. */
    public boolean isFine() {
        return trouble == null && lines.stream().allMatch(line -> line.result() == Evidence.Result.OK);
    }

    /** For forms: a {@code div} in which nothing sent by a server is interpreted as markup. */
    public String toHtml() {
        return DiagnosisHtml.of(this);
    }
}
