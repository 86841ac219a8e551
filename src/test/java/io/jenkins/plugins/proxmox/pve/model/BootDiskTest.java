package io.jenkins.plugins.proxmox.pve.model;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

/** The disk that a machine boots from, by its newer and its older settings. */
class BootDiskTest {

    private final ObjectNode json = JsonNodeFactory.instance.objectNode().put("digest", "c0ffee");

    private String bootDisk(String... keysAndValues) {
        json.put("scsi0", "local:100/data.qcow2,size=1G").put("virtio0", "local:100/system.qcow2,size=8G");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            json.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return GuestConfig.from(json).bootDisk();
    }

    @Test
    void bootsFromTheFirstDiskOfItsOrder() {
        assertThat(bootDisk("boot", "order=ide2;virtio0;scsi0", "ide2", "local:iso/x.iso,media=cdrom"), is("virtio0"));
    }

    /** As machines that were made before Proxmox VE 6.3. */
    @Test
    void bootsFromTheDiskThatItsOlderSettingsName() {
        assertThat(bootDisk("bootdisk", "virtio0"), is("virtio0"));
        assertThat(bootDisk("bootdisk", "virtio0", "boot", "c"), is("virtio0"));
        assertThat(bootDisk("bootdisk", "virtio0", "boot", "legacy=cdn"), is("virtio0"));
    }

    @Test
    void theOrderCountsMoreThanTheOlderSetting() {
        assertThat(bootDisk("bootdisk", "virtio0", "boot", "order=scsi0"), is("scsi0"));
    }

    @Test
    void bootsFromItsFirstDiskWhenNothingIsSet() {
        assertThat(bootDisk(), is("scsi0"));
        assertThat(bootDisk("bootdisk", "sata7"), is("scsi0"));
    }
}
