package io.jenkins.plugins.proxmox;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The walls of the Jenkins wing; those of the Proxmox wing have a test of their own there. */
class ArchitectureTest {

    private static final String ROOT = "io.jenkins.plugins.proxmox";

    private static final JavaClasses PLUGIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void theProxmoxWingKnowsNothingOfJenkins() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".pve..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "hudson..",
                        "jenkins..",
                        "org.kohsuke..",
                        "org.jenkinsci..",
                        "com.cloudbees..",
                        ROOT + ".credentials..",
                        ROOT + ".server..",
                        ROOT + ".build..",
                        ROOT + ".lease..",
                        ROOT + ".overview..",
                        ROOT + ".pipeline..",
                        ROOT + ".freestyle..")
                .check(PLUGIN);
    }

    @Test
    void theOverviewKnowsServersAndLeasesAndNobodyKnowsIt() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".overview..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + ".credentials..", ROOT + ".build..", ROOT + ".pipeline..", ROOT + ".freestyle..")
                .check(PLUGIN);
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".overview..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".overview..")
                .check(PLUGIN);
    }

    @Test
    void whatAllStandOnDoesNotKnowThem() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".server..", ROOT + ".credentials..", ROOT + ".build..", ROOT + ".lease..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".pipeline..", ROOT + ".freestyle..")
                .check(PLUGIN);
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".server..", ROOT + ".credentials..", ROOT + ".build..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".lease..")
                .check(PLUGIN);
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".server..", ROOT + ".credentials..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".build..")
                .check(PLUGIN);
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".credentials..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".server..")
                .check(PLUGIN);
    }

    @Test
    void pipelineAndFreestyleDoNotKnowEachOther() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".pipeline..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".freestyle..")
                .check(PLUGIN);
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".freestyle..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".pipeline..")
                .check(PLUGIN);
    }

    @Test
    void onlyOneRoomSpeaksHttpAndOpensSockets() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".pve.http")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.hc..", "java.net.http..", "javax.net..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.net.Socket")
                .check(PLUGIN);
    }

    @Test
    void onlyServerTurnsCredentialsIntoAuthentication() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".server..", ROOT + ".pve..", ROOT + ".credentials..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(".*\\.pve\\.client\\.(ApiToken|TicketLogin|Authentication|ClientSettings)")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("com.cloudbees.plugins.credentials..")
                .check(PLUGIN);
    }
}
