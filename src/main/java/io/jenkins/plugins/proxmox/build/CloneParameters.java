package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Util;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.guest.CloudInit;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotName;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.DiskSize;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import jenkins.model.Jenkins;

/**
 * The parameters of a step that clones a guest, as they were given: null for those that were not.
 *
 * @param template the VMID or the name of the source
 * @param node the node that the source must be on
 * @param name of the clone
 * @param vmid of the clone
 * @param full {@code true} or {@code false}
 * @param tags separated by commas, semicolons or blanks
 * @param cores a number
 * @param memory a number of MiB
 * @param diskSize such as {@code 32G}
 * @param sshKeys one a line
 * @param waitFor what to wait for once the clone runs
 */
public record CloneParameters(
        @CheckForNull String template,
        @CheckForNull String node,
        @CheckForNull String name,
        @CheckForNull Integer vmid,
        @CheckForNull String targetNode,
        @CheckForNull String storage,
        @CheckForNull String pool,
        @CheckForNull String full,
        @CheckForNull String snapshot,
        @CheckForNull String tags,
        @CheckForNull String description,
        @CheckForNull String cores,
        @CheckForNull String memory,
        @CheckForNull String diskSize,
        @CheckForNull String ciUser,
        @CheckForNull String sshKeys,
        @CheckForNull String ipConfig,
        @CheckForNull String nameserver,
        boolean start,
        @CheckForNull String waitFor) {

    /** A full clone takes longer than the other operations. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(30);

    private static final int MOST_CORES = 1024;

    /** PVE::QemuServer::Memory and PVE::LXC::Config. */
    private static final int LEAST_MEMORY = 16;

    private static final int MOST_MEMORY = 64 * 1024 * 1024;

    /**
     * The source.
     *
     * @throws IllegalArgumentException when none is given
     */
    @NonNull
    public GuestSelector source() {
        String given = GuestParameters.text(template);
        if (given == null) {
            throw new IllegalArgumentException(Messages.CloneParameters_noTemplate());
        }
        Integer number = GuestLocation.parseVmid(given);
        return GuestParameters.selector(number, number == null ? given : null, node);
    }

    /**
     * The operations that make the clone.
     *
     * @param build in whose name it is made
     * @param request of any operation, on the source
     * @throws IllegalArgumentException when a value cannot be right, in one line that names the parameter
     */
    @NonNull
    public OperationSequence operations(Run<?, ?> build, Function<GuestOperation, OperationRequest> request) {
        return operations(mark(build, false), request);
    }

    /** The same for a clone that is to be removed after the work in it. Its mark says so. */
    @NonNull
    public CloneSequence operationsForLease(Run<?, ?> build, Function<GuestOperation, OperationRequest> request) {
        return operations(mark(build, true), request);
    }

    private CloneSequence operations(CloneMark mark, Function<GuestOperation, OperationRequest> request) {
        CloneSettings settings = settings(mark);
        Availability availability = GuestParameters.waitFor(waitFor);
        if (availability.isOfTheGuestItself() && !start) {
            throw new IllegalArgumentException(Messages.CloneParameters_waitForStart(availability));
        }
        OperationRequest cloning = request.apply(new CloneOperation(settings, start, availability))
                .on(source())
                // nobody wants half a clone
                .cancelsTask(true);
        return new CloneSequence(cloning, settings, start, availability);
    }

    /**
     * Refuses a value of a field that cannot be right, whatever the others are. A blank one is not given.
     *
     * @throws IllegalArgumentException in one line that names the parameter
     */
    static void check(String field, @CheckForNull String value) {
        String given = GuestParameters.text(value);
        switch (field) {
            case "cores" -> cores(given);
            case "memory" -> memory(given);
            case "diskSize" -> diskSize(given);
            case "ciUser" -> cloudInit(given, null, null, null);
            case "sshKeys" -> cloudInit(null, given, null, null);
            case "ipConfig" -> cloudInit(null, null, given, null);
            case "nameserver" -> cloudInit(null, null, null, given);
            default -> throw new IllegalStateException(field);
        }
    }

    @CheckForNull
    private static Integer cores(@CheckForNull String given) {
        return GuestParameters.number("cores", given, 1, MOST_CORES);
    }

    @CheckForNull
    private static Integer memory(@CheckForNull String given) {
        return GuestParameters.number("memory", given, LEAST_MEMORY, MOST_MEMORY);
    }

    @CheckForNull
    private static DiskSize diskSize(@CheckForNull String given) {
        return given == null ? null : DiskSize.require(given);
    }

    private static CloudInit cloudInit(
            @CheckForNull String user,
            @CheckForNull String sshKeys,
            @CheckForNull String ipConfig,
            @CheckForNull String nameserver) {
        return new CloudInit(user, Util.fixNull(sshKeys), ipConfig, nameserver);
    }

    private CloneSettings settings(CloneMark mark) {
        return new CloneSettings(
                name,
                vmid,
                targetNode,
                storage,
                pool,
                full == null ? null : (Boolean) GuestParameters.flag("full", full, false),
                snapshot == null ? null : SnapshotName.require(snapshot),
                singleTags(),
                description == null ? "" : description,
                mark,
                new CloneSettings.Hardware(
                        cores(cores),
                        memory(memory),
                        diskSize(diskSize),
                        cloudInit(ciUser, sshKeys, ipConfig, nameserver)));
    }

    private SortedSet<String> singleTags() {
        return new TreeSet<>(List.of(Util.fixNull(tags).strip().split("[,;\\s]+")).stream()
                .filter(tag -> !tag.isEmpty())
                .toList());
    }

    private static CloneMark mark(Run<?, ?> build, boolean lease) {
        String root = Jenkins.get().getRootUrl();
        CloneMark.Signer signer = new ControllerSignature();
        CloneMark mark = new CloneMark(
                signer.controller(),
                build.getParent().getFullName(),
                build.getNumber(),
                root == null ? "" : root + build.getUrl(),
                UUID.randomUUID().toString(),
                lease,
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                null);
        return mark.signedBy(signer);
    }
}
