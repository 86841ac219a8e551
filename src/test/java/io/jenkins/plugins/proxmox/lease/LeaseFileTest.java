package io.jenkins.plugins.proxmox.lease;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.guest.CloudInit;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The list of leases on disk: what is written is read again, and what cannot be read is not forgotten. */
class LeaseFileTest {

    private static final GuestSelector GUEST = new GuestSelector(100, null, null);

    @TempDir
    private Path home;

    private Path path;
    private LeaseFile file;

    @BeforeEach
    void name() {
        path = home.resolve("leases.json");
        file = new LeaseFile(path);
    }

    private static final AtomicBoolean initialized = new AtomicBoolean();

    /** Notices when it is loaded. */
    private static final class Initialized {
        static {
            initialized.set(true);
        }
    }

    static LeaseEntry entry(String id) {
        OperationRequest start = OperationRequest.of(GUEST, new PowerOperation(PowerAction.START));
        LeaseTerms terms = LeaseTerms.of("lab", null, start, OnExit.ROLLBACK, "clean");
        ObservedGuest guest = new ObservedGuest(
                new GuestLocation("pve1", GuestType.QEMU, 100),
                "web-ä",
                "stopped",
                "",
                0,
                false,
                null,
                null,
                Instant.now());
        Lease lease = Lease.begin()
                .of(guest)
                .on(List.of(ServerAddress.parse("pve.example.org")))
                .starting()
                .foundAs("stopped")
                .with(start)
                .with(OperationState.begin());
        return LeaseEntry.begin(id, new BuildReference("folder/job", 12), terms, List.of("outer"))
                .with(lease)
                .failed("401 Authentication failed!\nmore");
    }

    static LeaseEntry clone(String id) {
        CloneSettings settings = new CloneSettings(
                "clone",
                null,
                null,
                "local",
                null,
                true,
                null,
                new TreeSet<>(List.of("ci", "x")),
                "text",
                new CloneMark("controller", "job", 3, "", "id", true, Instant.now(), null),
                new CloneSettings.Hardware(2, 1024, null, new CloudInit("ci", "ssh-ed25519 AAAA", "ip=dhcp", null)));
        Availability ip = Availability.parse("port:22");
        OperationRequest cloning = OperationRequest.of(GUEST, new CloneOperation(settings, true, ip))
                .cancelsTask(true);
        LeaseTerms terms = LeaseTerms.of(
                "lab", "folder-token", new CloneSequence(cloning, settings, true, ip), Duration.ofHours(24));
        return LeaseEntry.begin(id, new BuildReference("job", 3), terms, List.of())
                .with(Lease.begin().starting().with(cloning));
    }

    /** The stop, or the deletion, of a clone is under way. */
    private static LeaseEntry removal(String id, int done) {
        LeaseEntry made = clone(id);
        Lease returning = made.lease().returning();
        return made.with(returning.with(made.terms().cloning().removal(107, true, done)));
    }

    @Test
    void readsWhatItHasWritten() throws Exception {
        List<LeaseEntry> entries = List.of(entry("a"), clone("b"), removal("c", 0), removal("d", 1));
        file.write(entries);
        assertThat(new LeaseFile(path).read(), is(entries));
        assertThat(file.unreadable(), is(empty()));
    }

    @Test
    void deletesWhatAKilledProcessHadNotFinished() throws Exception {
        file.write(List.of(entry("a")));
        Path unfinished = Files.createTempFile(home, path.getFileName() + "-atomic", "tmp");
        Path foreign = Files.createTempFile(home, "another.json-atomic", "tmp");
        assertThat(new LeaseFile(path).read(), hasSize(1));
        assertThat(Files.exists(unfinished), is(false));
        assertThat(Files.exists(foreign), is(true));
    }

    @Test
    void isEmptyBeforeTheFirstLease() {
        assertThat(file.read(), is(empty()));
        assertThat(file.unreadable(), is(empty()));
    }

    @Test
    void setsAFileAsideThatIsNoList() throws Exception {
        for (String text : List.of("", "{", "[]", "{}", "null", "{\"leases\": 3}", "\u0000\u0000")) {
            Files.writeString(path, text);
            assertThat(text, file.read(), is(empty()));
            assertThat(text, file.unreadable(), hasSize(1));
            assertThat(Files.readString(file.unreadable().get(0)), is(text));
            Files.delete(file.unreadable().get(0));
        }
    }

    @Test
    void keepsEachFileThatIsNoListAlsoOfOneSecond() throws Exception {
        for (String text : List.of("one", "two", "three")) {
            Files.writeString(path, text);
            assertThat(file.read(), is(empty()));
        }
        List<String> kept = new ArrayList<>();
        for (Path each : file.unreadable()) {
            kept.add(Files.readString(each));
        }
        assertThat(kept, containsInAnyOrder("one", "two", "three"));
    }

    @Test
    void setsAFileAsideOnceHoweverOftenItIsRead() throws Exception {
        Files.writeString(path, "no list");
        file.read();
        file.read();
        assertThat(file.unreadable(), hasSize(1));
    }

    @Test
    void readsTheOthersWhenOneLeaseCannotBeRead() throws Exception {
        LeaseEntry good = entry("a");
        file.write(List.of(entry("bad"), good));
        String text = Files.readString(path);
        Files.writeString(path, text.replaceFirst("\"power\"", "\"no-such-kind\""));
        assertThat(file.read(), contains(good));
        assertThat(file.unreadable(), hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/leases/0",
                "/leases/0/id",
                "/leases/0/build",
                "/leases/0/build/job",
                "/leases/0/terms",
                "/leases/0/terms/guest",
                "/leases/0/terms/timeout",
                "/leases/0/terms/onExit",
                "/leases/0/terms/availability",
                "/leases/0/lease",
                "/leases/0/lease/phase",
                "/leases/0/lease/operation",
                "/leases/0/lease/operation/phase",
                "/leases/0/lease/operation/begun",
                "/leases/0/lease/operation/history",
                "/leases/0/lease/operation/availability",
                "/leases/0/lease/request/operation",
                "/leases/0/lease/guest/location",
                "/leases/0/lease/addresses/0",
                "/leases/0/lease/since"
            })
    void readsTheOthersWhenAPartOfALeaseIsMissing(String part) throws Exception {
        LeaseEntry good = entry("a");
        file.write(List.of(entry("bad"), good));
        JsonMapper json = JsonMapper.builder().build();
        JsonNode list = json.readTree(Files.readString(path));
        int name = part.lastIndexOf('/');
        JsonNode parent = list.at(part.substring(0, name));
        if (parent instanceof ObjectNode object) {
            object.putNull(part.substring(name + 1));
        } else {
            ((ArrayNode) parent).setNull(Integer.parseInt(part.substring(name + 1)));
        }
        Files.writeString(path, json.writeValueAsString(list));
        assertThat(new Leases(path).all(), contains(good));
        assertThat(file.unreadable(), hasSize(1));
    }

    /** As when the disk gives an error. */
    @Test
    void movesAFileAwayThatCannotEvenBeCopied() throws Exception {
        Files.createSymbolicLink(path, path.getFileName());
        assertThat(file.read(), is(empty()));
        assertThat(file.unreadable(), hasSize(1));
        assertThat(Files.isSymbolicLink(file.unreadable().get(0)), is(true));
        LeaseEntry next = entry("a");
        file.write(List.of(next));
        assertThat(new LeaseFile(path).read(), contains(next));
    }

    @Test
    void doesNotReplaceTheOnlyCopyOfWhatItCannotRead() throws Exception {
        // beside it, there is no place for a file with a longer name
        Path only = home.resolve("x".repeat(240));
        Files.writeString(only, "damaged");
        LeaseFile damaged = new LeaseFile(only);
        assertThat(damaged.read(), is(empty()));
        assertThat(damaged.unreadable(), contains(only));
        IOException e = assertThrows(IOException.class, () -> damaged.write(List.of(entry("a"))));
        assertThat(e.getMessage(), containsString("unreadable"));
        assertThat(Files.readString(only), is("damaged"));
        damaged.deleteUnreadable();
        assertThat("an administrator wants it so", damaged.unreadable(), is(empty()));
    }

    @Test
    void readsNoOtherClassThanKindsOfOperations() throws Exception {
        file.write(List.of(entry("a")));
        String text = Files.readString(path);
        for (String other : List.of(
                "java.util.ArrayList", PowerOperation.class.getName(), "PowerOperation", Initialized.class.getName())) {
            Files.writeString(path, text.replace("\"power\"", "\"" + other + "\""));
            assertThat(other, file.read(), is(empty()));
        }
        assertThat(file.unreadable(), hasSize(4));
        assertThat("no class is loaded by its name", initialized.get(), is(false));
    }

    /** One without a name would be written, and could not be read. */
    @Test
    void hasANameForEachKindOfOperation() throws Exception {
        Class<?> named = Class.forName(LeaseFile.class.getName() + "$NamedKind");
        Set<Class<?>> kinds = Stream.of(named.getAnnotation(JsonSubTypes.class).value())
                .map(JsonSubTypes.Type::value)
                .collect(Collectors.toSet());
        Set<Class<?>> all = new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.jenkins.plugins.proxmox")
                        .stream()
                        .filter(type -> type.isAssignableTo(GuestOperation.class) && !type.isInterface())
                        .map(JavaClass::reflect)
                        .collect(Collectors.toSet());
        assertThat(kinds, is(all));
    }

    @Test
    void keepsTheOldListWhenTheNewOneCannotBeWritten() throws Exception {
        file.write(List.of(entry("a")));
        String before = Files.readString(path);
        LeaseFile elsewhere = new LeaseFile(home.resolve("no-such-folder").resolve("leases.json"));
        Files.writeString(home.resolve("no-such-folder"), "a file");
        assertThrows(IOException.class, () -> elsewhere.write(List.of()));
        assertThat(Files.readString(path), is(before));
    }
}
