package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.util.Objects;

/**
 * In whose name a guest is put back, and by which terms. A lease that stands for others of the same guest has the duty of
 * the one that changes most: it may have used other credentials, or another snapshot, than the one that ends last.
 */
record ReturnDuty(@NonNull BuildReference build, @NonNull LeaseTerms terms) {

    ReturnDuty {
        Objects.requireNonNull(build, "build");
        Objects.requireNonNull(terms, "terms");
    }

    /** What counts when the other lease has ended before this one. If both do the same, whoever came first counts. */
    ReturnDuty or(ReturnDuty ended) {
        return terms.onExit().or(ended.terms.onExit()) == ended.terms.onExit() ? ended : this;
    }

    ReturnDuty moved(String from, String to) {
        return new ReturnDuty(build.moved(from, to), terms);
    }
}
