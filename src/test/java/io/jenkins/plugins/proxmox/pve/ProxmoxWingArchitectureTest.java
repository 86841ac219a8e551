package io.jenkins.plugins.proxmox.pve;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds what the wing may know: nothing of Jenkins, and of itself only downwards. */
class ProxmoxWingArchitectureTest {

    private static final String WING = "io.jenkins.plugins.proxmox.pve";

    /** Types of {@code java.net} that name something and open nothing. */
    private static final Set<String> NAMES_AND_ERRORS = Set.of("URI", "URLEncoder", "URLDecoder", "IDN");

    private static final DescribedPredicate<JavaClass> SOCKETS =
            DescribedPredicate.describe("sockets and HTTP", type -> {
                String name = type.getName();
                return name.startsWith("org.apache.hc.")
                        || name.startsWith("javax.net.")
                        || name.startsWith("java.nio.channels.")
                        || (name.startsWith("java.net.") && !NAMES_AND_ERRORS.contains(type.getSimpleName()));
            });

    private final JavaClasses wing = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(WING);

    @Test
    void looksAtTheMainClasses() {
        assertThat(wing.size(), is(greaterThan(40)));
        assertThat(wing.stream().anyMatch(type -> type.getSimpleName().endsWith("Test")), is(false));
    }

    @Test
    void knowsNothingOfJenkins() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "hudson..", "jenkins..", "org.kohsuke..", "org.jenkinsci..", "io.jenkins.plugins..")
                        .and(DescribedPredicate.not(resideInAnyPackage(WING + ".."))))
                .check(wing);
    }

    @Test
    void dependsDownwardsOnly() {
        Architectures.layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("client")
                .definedBy(WING + ".client..")
                .optionalLayer("diagnosis")
                .definedBy(WING + ".diagnosis..")
                .layer("task")
                .definedBy(WING + ".task..")
                .layer("guest")
                .definedBy(WING + ".guest..")
                .whereLayer("client")
                .mayNotAccessAnyLayer()
                .whereLayer("diagnosis")
                .mayOnlyAccessLayers("client")
                .whereLayer("task")
                .mayOnlyAccessLayers("client")
                .whereLayer("guest")
                .mayOnlyAccessLayers("client", "task")
                .check(wing);
    }

    @Test
    void consistsOfThesePackagesWithoutCycles() {
        classes()
                .should()
                .resideInAnyPackage(WING + ".client", WING + ".diagnosis", WING + ".task", WING + ".guest")
                .check(wing);
        slices().matching(WING + ".(*)..").should().beFreeOfCycles().check(wing);
    }

    @Test
    void opensSocketsInTheClientOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(WING + ".client..")
                .should()
                .dependOnClassesThat(SOCKETS)
                .check(wing);
    }
}
