package io.jenkins.plugins.proxmox.lease;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.util.AtomicFileWriter;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.ConfigurationOperation;
import io.jenkins.plugins.proxmox.pve.guest.DeletionOperation;
import io.jenkins.plugins.proxmox.pve.guest.DiskResize;
import io.jenkins.plugins.proxmox.pve.guest.HibernateOperation;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotCreation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotDeletion;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotRollback;
import io.jenkins.plugins.proxmox.pve.guest.StopForRemoval;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * The list of leases on disk. It is replaced as a whole, so that a crash leaves the old list or the new one. A file that
 * cannot be read is set aside beside it, for people to look at; until that is possible, it is not replaced.
 */
final class LeaseFile {

    private static final Logger LOGGER = Logger.getLogger(LeaseFile.class.getName());

    private static final String ASIDE = ".unreadable-";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    /**
     * A kind of operation has a name in the list, and only these kinds have one. So the file cannot make Jenkins load any
     * other class, whoever has written it.
     */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = CloneOperation.class, name = "clone"),
        @JsonSubTypes.Type(value = ConfigurationOperation.class, name = "configuration"),
        @JsonSubTypes.Type(value = DeletionOperation.class, name = "deletion"),
        @JsonSubTypes.Type(value = DiskResize.class, name = "disk-resize"),
        @JsonSubTypes.Type(value = HibernateOperation.class, name = "hibernate"),
        @JsonSubTypes.Type(value = PowerOperation.class, name = "power"),
        @JsonSubTypes.Type(value = SnapshotCreation.class, name = "snapshot-creation"),
        @JsonSubTypes.Type(value = SnapshotDeletion.class, name = "snapshot-deletion"),
        @JsonSubTypes.Type(value = SnapshotRollback.class, name = "snapshot-rollback"),
        @JsonSubTypes.Type(value = StopForRemoval.class, name = "stop-for-removal")
    })
    private interface NamedKind {}

    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addMixIn(GuestOperation.class, NamedKind.class)
            .visibility(PropertyAccessor.GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private final Path file;

    /** Whether the file is the only copy of something that could not be read. */
    private boolean isOnlyCopy;

    LeaseFile(Path file) {
        this.file = file;
    }

    /**
     * All leases that can be read; none if there is no file. If any cannot be read, the file is set aside.
     */
    @NonNull
    synchronized List<LeaseEntry> read() {
        deleteUnfinished();
        List<LeaseEntry> entries = new ArrayList<>();
        if (Files.notExists(file)) {
            return entries;
        }
        boolean whole = true;
        try {
            JsonNode list = JSON.readTree(Files.readString(file)).path("leases");
            whole = list.isArray();
            for (JsonNode each : list) {
                whole &= read(each, entries);
            }
        } catch (IOException | RuntimeException e) {
            LOGGER.log(Level.SEVERE, "Could not read " + file, e);
            whole = false;
        }
        if (!whole) {
            isOnlyCopy = true;
            try {
                setAside();
            } catch (IOException e) {
                LOGGER.log(Level.SEVERE, "Could not set " + file + " aside. Nothing can be borrowed before", e);
            }
        }
        return entries;
    }

    /** Deletes what an earlier process had not finished writing when it was killed (AtomicFileWriter). */
    private void deleteUnfinished() {
        try {
            for (Path each : siblings("-atomic")) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            LOGGER.log(Level.FINE, "Could not delete " + file + "-atomic*", e);
        }
    }

    private boolean read(JsonNode json, List<LeaseEntry> to) {
        try {
            // of null as well, which is no lease
            to.add(Objects.requireNonNull(JSON.treeToValue(json, LeaseEntry.class), "null"));
            return true;
        } catch (JsonProcessingException | RuntimeException e) {
            LOGGER.log(Level.SEVERE, "Could not read a lease in " + file, e);
            return false;
        }
    }

    /** Copies the file, or moves it away if it cannot be copied: it may be unreadable, or the disk may be full. */
    private void setAside() throws IOException {
        Path aside = unusedName();
        try {
            for (Path before : setAsideBefore()) {
                if (Files.mismatch(file, before) < 0) {
                    // it was not written since an earlier start set it aside
                    isOnlyCopy = false;
                    return;
                }
            }
            Files.copy(file, aside);
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "Could not copy " + file + ", so it is moved", e);
            Files.deleteIfExists(aside);
            Files.move(file, aside);
        }
        isOnlyCopy = false;
        LOGGER.log(Level.SEVERE, "Some guests that builds have borrowed may not be put back. See {0}", aside);
    }

    /** A controller may start twice in a second, and each time find another list that cannot be read. */
    private Path unusedName() {
        String name = file.getFileName() + ASIDE + TIME.format(Instant.now());
        Path unused = file.resolveSibling(name);
        for (int next = 2; Files.exists(unused); next++) {
            unused = file.resolveSibling(name + "-" + next);
        }
        return unused;
    }

    /** The files that could not be read, until somebody deletes them. */
    @NonNull
    synchronized List<Path> unreadable() {
        List<Path> all = new ArrayList<>(setAsideBefore());
        if (isOnlyCopy) {
            all.add(file);
        }
        return all;
    }

    private List<Path> setAsideBefore() {
        return siblings(ASIDE);
    }

    /** The files beside it whose names begin with its own and that. */
    private List<Path> siblings(String suffix) {
        String prefix = file.getFileName() + suffix;
        try (Stream<Path> all = Files.list(file.getParent())) {
            return all.filter(each -> String.valueOf(each.getFileName()).startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "Could not look for " + file + suffix + "*", e);
            return List.of();
        }
    }

    /** Deletes the files that could not be read. */
    synchronized void deleteUnreadable() throws IOException {
        for (Path each : unreadable()) {
            Files.deleteIfExists(each);
        }
        isOnlyCopy = false;
    }

    /**
     * Writes them all, and returns when they are on the disk.
     *
     * @throws IOException also if that would replace the only copy of something that could not be read
     */
    synchronized void write(Collection<LeaseEntry> entries) throws IOException {
        if (isOnlyCopy) {
            // perhaps it is possible by now
            setAside();
        }
        ObjectNode list = JSON.createObjectNode();
        list.putPOJO("leases", entries);
        String text = JSON.writeValueAsString(list);
        try (AtomicFileWriter writer = new AtomicFileWriter(file, StandardCharsets.UTF_8, false, true)) {
            try {
                writer.write(text);
                writer.commit();
            } finally {
                // does nothing after a commit
                writer.abort();
            }
        }
    }
}
