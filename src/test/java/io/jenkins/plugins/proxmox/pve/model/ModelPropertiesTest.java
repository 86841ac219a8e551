package io.jenkins.plugins.proxmox.pve.model;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class ModelPropertiesTest {

    private static final String[] ERRORS = {
        "can't lock file '",
        "' - got timeout",
        "VM is locked (",
        ")",
        "Configuration file '",
        "' does not exist",
        "qga command '",
        "' failed - got timeout",
        "VM ",
        "100",
        " already exists",
        "'/etc/pve/",
        "' - Permission denied",
        "WARNINGS: ",
        "'"
    };

    @Provide
    Arbitrary<String> upids() {
        return HostileText.near(
                "upids", "UPID:", "pve1", ":00006618", ":6B049232", ":qmstart", ":100", ":", "jenkins@pve!ci:");
    }

    @Provide
    Arbitrary<String> sizes() {
        return HostileText.near("sizes", "0", "9", "999999999", "G", "T", "K", ".5");
    }

    @Provide
    Arbitrary<String> errors() {
        return HostileText.near("errors", ERRORS);
    }

    @Provide
    Arbitrary<String> longErrors() {
        return HostileText.repeated(ERRORS);
    }

    @Provide
    Arbitrary<String> values() {
        return HostileText.of(
                "local:",
                "vm-100-disk-0",
                "cloudinit",
                ",size=",
                "32G",
                ",media=cdrom",
                "bridge=",
                "vmbr0",
                ",tag=5",
                "enabled=1",
                "1",
                "order=",
                "scsi0",
                ";",
                "net0",
                "file=");
    }

    @Provide
    Arbitrary<String> longValues() {
        return HostileText.repeated("a", "a.", "a-", ",size=", ",bridge=", "order=", ";", ":vm-", "1", "a b", "tag");
    }

    @Fuzzed
    void aUpidIsReadOrRefusedWithWords(@ForAll("upids") String text) {
        try {
            Upid task = Upid.parse(text);
            assertThat(Upid.parse(task.toString()), is(task));
            assertThat(task.text(), is(text));
            assertThat(HostileText.isPlain(text), is(true));
            // every question about a task has its node and UPID in its path
            ApiPath.of("nodes", GuestLocation.requireNodeName(task.node()), "tasks", task.text());
        } catch (IllegalArgumentException e) {
            assertThat(Upid.isUpid(text), is(false));
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void aSizeIsReadBackAsItIsWritten(@ForAll("sizes") String text) {
        DiskSize size = DiskSize.parse(text);
        if (size != null) {
            assertThat(DiskSize.parse(size.toString()), is(size));
        }
        try {
            DiskSize wanted = DiskSize.require(text);
            assertThat(wanted.bytes(), is(greaterThan(0L)));
            assertThat(DiskSize.parse(wanted.toString()), is(wanted));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void namesAndNumbersAreReadOrRefusedWithWords(@ForAll("upids") String text) {
        Integer vmid = GuestLocation.parseVmid(text);
        if (vmid != null) {
            assertThat(GuestLocation.requireVmid(vmid), is(vmid));
        }
        try {
            assertThat(ApiPath.of(GuestLocation.requireNodeName(text)).toString(), is("/" + text));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void everyErrorIsRecognizedOrNot(@ForAll("errors") String text) {
        for (ServerErrorPattern pattern : ServerErrorPattern.values()) {
            pattern.isIn(text);
        }
        TaskStatus status = new TaskStatus(false, text);
        assertThat(status.warnings() >= 0, is(true));
        assertThat(status.lock() == null || !status.lock().isEmpty(), is(true));
        ServerErrorPattern.isVmidTaken(100, text);
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longErrorsAreReadAtOnce(@ForAll("longErrors") String text) {
        everyErrorIsRecognizedOrNot(text);
        aUpidIsReadOrRefusedWithWords(text);
        aSizeIsReadBackAsItIsWritten(text);
        namesAndNumbersAreReadOrRefusedWithWords(text);
    }

    @Fuzzed
    void anyConfigurationCanBeAsked(@ForAll("values") String one, @ForAll("values") String other) {
        GuestConfig config = new GuestConfig(Map.of(
                "scsi0", one, "ide2", other, "net0", one, "mp0", other, "boot", other, "tags", one, "agent", other));
        config.bootDisk();
        config.diskSize("scsi0");
        config.diskStorages().forEach(storage -> ApiPath.of("storage", storage));
        config.hasAgent();
        config.hasCloudInitDrive();
        config.stateStorage();
        assertThat(config.type(), is(notNullValue()));
        config.tags().forEach(tag -> assertThat(tag.isBlank(), is(false)));
        config.networks().forEach(network -> assertThat(network.isEmpty(), is(false)));
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longConfigurationsAreReadAtOnce(@ForAll("longValues") String value) {
        anyConfigurationCanBeAsked(value, value);
    }
}
