package io.jenkins.plugins.proxmox.pve;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds what the wing may know: nothing of Jenkins, and of itself only downwards. */
class ProxmoxWingArchitectureTest {

    private static final String WING = "io.jenkins.plugins.proxmox.pve";

    /** Each room with those that it may know. */
    private static final Map<String, List<String>> ROOMS = Map.ofEntries(
            entry("text", List.of()),
            entry("threads", List.of()),
            entry("http", List.of("text")),
            entry("model", List.of("text")),
            entry("access", List.of("text", "model")),
            entry("client", List.of("text", "http", "model", "access")),
            entry("diagnosis", List.of("text", "threads", "http", "model", "access", "client")),
            entry("task", List.of("text", "threads", "http", "model", "client")),
            entry("lookup", List.of("text", "threads", "http", "model", "client", "task")),
            entry(
                    "operation",
                    List.of("text", "threads", "http", "model", "access", "client", "task", "diagnosis", "lookup")),
            entry("call", List.of("text", "threads", "http", "model", "client", "task", "operation")),
            entry("sequence", List.of("text", "model", "lookup", "operation")),
            entry(
                    "guest",
                    List.of(
                            "text",
                            "threads",
                            "http",
                            "model",
                            "access",
                            "client",
                            "task",
                            "diagnosis",
                            "lookup",
                            "operation",
                            "sequence")),
            entry(
                    "exec",
                    List.of(
                            "text",
                            "threads",
                            "http",
                            "model",
                            "access",
                            "client",
                            "task",
                            "diagnosis",
                            "lookup",
                            "operation")));

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

    private static final DescribedPredicate<JavaClass> KINDS =
            assignableTo(GuestOperation.class).and(not(type(GuestOperation.class)));

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
                        .and(not(resideInAnyPackage(WING + ".."))))
                .check(wing);
    }

    @Test
    void dependsDownwardsOnly() {
        Architectures.LayeredArchitecture rooms =
                Architectures.layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String room : ROOMS.keySet()) {
            rooms = rooms.layer(room).definedBy(WING + "." + room);
        }
        for (Map.Entry<String, List<String>> room : ROOMS.entrySet()) {
            rooms = room.getValue().isEmpty()
                    ? rooms.whereLayer(room.getKey()).mayNotAccessAnyLayer()
                    : rooms.whereLayer(room.getKey())
                            .mayOnlyAccessLayers(room.getValue().toArray(String[]::new));
        }
        rooms.check(wing);
    }

    @Test
    void consistsOfTheseRoomsWithoutCycles() {
        classes()
                .should()
                .resideInAnyPackage(
                        ROOMS.keySet().stream().map(room -> WING + "." + room).toArray(String[]::new))
                .check(wing);
        slices().matching(WING + ".(*)..").should().beFreeOfCycles().check(wing);
    }

    @Test
    void opensSocketsAndKnowsHttpClientInHttpOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(WING + ".http")
                .should()
                .dependOnClassesThat(SOCKETS)
                .check(wing);
    }

    /** What is special about a kind of operation is in its own class: the driver does not know it, nor do the others. */
    @Test
    void namesNoKindOfOperationInTheDriverAndNoneInAnother() {
        noClasses()
                .that()
                .resideInAPackage(WING + ".operation")
                .should()
                .dependOnClassesThat(KINDS)
                .check(wing);
        noClasses()
                .that()
                .resideInAPackage(WING + ".operation")
                .should()
                .dependOnClassesThat(type(PowerAction.class))
                .check(wing);
        List<JavaClass> kinds = wing.stream().filter(KINDS).toList();
        assertThat(kinds.size(), is(greaterThan(1)));
        for (JavaClass kind : kinds) {
            noClasses()
                    .that(equivalentTo(kind.reflect()))
                    .should()
                    .dependOnClassesThat(KINDS.and(not(equivalentTo(kind.reflect()))))
                    .check(wing);
        }
    }

    @Test
    void hasRoomsOfNoMoreThanSomeFiles() {
        Map<String, Long> files = wing.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        assertThat(files.values(), everyItem(is(lessThanOrEqualTo(25L))));
    }
}
