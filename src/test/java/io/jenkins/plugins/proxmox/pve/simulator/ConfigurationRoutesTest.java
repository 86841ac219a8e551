package io.jenkins.plugins.proxmox.pve.simulator;

import static io.jenkins.plugins.proxmox.pve.simulator.ProvisionedCluster.NODE;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.simulator.WireClient.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Configurations of simulated guests are changed and refused as those that were recorded. */
class ConfigurationRoutesTest {

    private static final String VM = NODE + "/qemu/500";
    private static final String CT = NODE + "/lxc/202";
    private static final String KEY =
            "ssh-ed25519%2520AAAAC3NzaC1lZDI1NTE5AAAAIJ5tQqk3v1n9m0n3%2520user%252B1%2540example";

    private ProvisionedCluster pve;
    private WireClient builder;

    private void start(Generation generation) {
        pve = new ProvisionedCluster(generation);
        builder = pve.builder;
    }

    @AfterEach
    void stop() {
        pve.close();
    }

    private Reply put(String form) {
        return builder.put(VM + "/config", form);
    }

    private JsonNode config() {
        return builder.get(VM + "/config").data();
    }

    @ParameterizedTest
    @EnumSource
    void settingsAreKeptInTheirForms(Generation generation) {
        start(generation);

        assertThat(
                put("tags=Linux,ci%20build;ci&cores=2&memory=2048&description=a%0Ab&name=w2.example.test")
                        .data()
                        .isNull(),
                is(true));

        assertThat(config().path("tags").asText(), is("build;ci;linux"));
        assertThat(config().path("cores").isNumber(), is(true));
        assertThat(config().path("memory").isTextual(), is(true));
        assertThat(config().path("description").asText(), is("a\nb"));
        assertThat(pve.cluster.guest(500).configured("cores"), is("2"));
        assertThat(builder.get(VM + "/status/current").data().path("maxmem").asLong(), is(2048L << 20));
        put("tags=&description=");
        assertThat(config().has("tags"), is(false));
        put("delete=cores,name");
        assertThat(config().has("cores"), is(false));
        assertThat(builder.put(CT + "/config", "hostname=other&description=x").status(), is(200));
        assertThat(builder.get(CT + "/config").data().path("description").asText(), is("x\n"));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrongIsToldByItsKey(Generation generation) {
        start(generation);

        assertThat(put("foo=1").error("foo").startsWith("property is not defined in schema"), is(true));
        assertThat(put("cores=0").error("cores"), is("value must have a minimum value of 1"));
        assertThat(put("onboot=true").error("onboot"), is("type check ('boolean') failed - got 'true'"));
        assertThat(put("tags=a%24b").error("tags"), is("invalid format - invalid characters in tag\n"));
        assertThat(put("name=-x").error("name"), is("invalid format - value does not look like a valid DNS name\n"));
        assertThat(
                put("memory=lots").error("memory"),
                is("invalid format - format error\nmemory.current: type check ('integer') failed - got 'lots'\n"));
        assertThat(put("delete=nonsense").error("delete"), is("unknown option 'nonsense'"));
        assertThat(
                put("tags=a&delete=tags").error("delete"),
                is("you can't use '-tags' and -delete tags' at the same time"));
        assertThat(put("").reason(), is("no options specified"));
        assertThat(put("lock=backup").reason(), is("only root can set 'lock' config"));
        assertThat(builder.post(CT + "/config", "cores=1").status(), is(501));
    }

    @ParameterizedTest
    @EnumSource
    void keysForSshAreEncodedOnceMore(Generation generation) {
        start(generation);

        assertThat(put("sshkeys=" + KEY).status(), is(200));
        assertThat(
                put("sshkeys=" + KEY.replace("%25", "%"))
                        .error("sshkeys")
                        .startsWith("invalid format - invalid urlencoded"),
                is(true));
        assertThat(put("sshkeys=" + KEY.replace("%2520", "%2B")).status(), is(400));
        assertThat(put("sshkeys=garbage").reason(), is("SSH public key validation error"));
        assertThat(
                put("ide2=local:cloudinit&ciuser=jenkins&cipassword=secret&ipconfig0=ip%3Ddhcp")
                        .status(),
                is(200));
        assertThat(config().path("ide2").asText(), is("local:500/vm-500-cloudinit.qcow2,media=cdrom"));
        assertThat(config().path("cipassword").asText(), is("**********"));
    }

    @ParameterizedTest
    @EnumSource
    void aChangeByAnotherIsNotOverwritten(Generation generation) {
        start(generation);
        String digest = config().path("digest").asText();

        assertThat(put("cores=2&digest=" + digest).status(), is(200));
        assertThat(put("cores=4&digest=" + digest).reason(), is("checksum mismatch (file change by other user?)"));
        assertThat(
                builder.put(CT + "/config", "cores=4&digest=" + digest).reason(),
                is("detected modified configuration - file changed by other user? Try again."));
        pve.cluster.guest(500).locked("backup");
        assertThat(put("cores=4").reason(), is("VM is locked (backup)"));
        assertThat(pve.cluster.guest(500).configured("cores"), is("2"));
    }

    @ParameterizedTest
    @EnumSource
    void hardwareOfARunningMachineChangesAtItsNextStart(Generation generation) {
        start(generation);
        pve.cluster.guest(500).running();

        put("cores=2&tags=live");

        assertThat(config().path("cores").asInt(), is(2));
        assertThat(builder.get(VM + "/config?current=1").data().path("cores").asInt(), is(1));
        assertThat(builder.get(VM + "/config?current=1").data().path("tags").asText(), is("live"));
        assertThat(builder.get(VM + "/status/current").data().path("cpus").asInt(), is(1));
        pve.cluster.guest(500).stopped();
        assertThat(builder.get(VM + "/status/current").data().path("cpus").asInt(), is(2));
    }

    @ParameterizedTest
    @EnumSource
    void rightsAreAskedForByKey(Generation generation) {
        start(generation);
        pve.access.role("Hardware", "VM.Audit,VM.Config.HWType");
        WireClient hardware = pve.as("w2@pve!hwonly", "/vms", "Hardware");
        WireClient auditor = pve.as("w3@pve!audit", "/vms", "PVEAuditor");

        assertThat(
                auditor.put(VM + "/config", "tags=a").reason().contains("VM.Config.Disk|VM.Config.CDROM|"), is(true));
        assertThat(
                hardware.put(VM + "/config", "tags=a").reason(),
                is("Permission check failed (/vms/500, VM.Config.Options)"));
        assertThat(
                hardware.put(VM + "/config", "cores=2&name=x").reason(),
                is("Permission check failed (/vms/500, VM.Config.CPU)"));
        assertThat(
                hardware.put(VM + "/config", "ciuser=x").reason(),
                is("Permission check failed (/vms/500, VM.Config.Cloudinit|VM.Config.Network)"));
        assertThat(
                hardware.put(VM + "/config", "scsi1=local:1").reason(),
                is("Permission check failed (/storage/local, Datastore.AllocateSpace)"));
        assertThat(
                hardware.put(VM + "/config", "ide2=local:cloudinit").reason(),
                is("Permission check failed (/vms/500, VM.Config.Cloudinit)"));
        assertThat(
                hardware.endOf(hardware.post(VM + "/config", "tags=a")),
                is("403 Permission check failed (/vms/500, VM.Config.Options)"));
        assertThat(pve.cluster.guest(500).configured("tags"), is(nullValue()));
    }

    @ParameterizedTest
    @EnumSource
    void disksOnlyGrow(Generation generation) {
        start(generation);

        assertThat(builder.endOf(builder.put(VM + "/resize", "disk=scsi0&size=%2B2G")), is("OK"));
        assertThat(pve.cluster.guest(500).configured("scsi0"), is("local:500/vm-500-disk-0.qcow2,size=10G"));
        assertThat(
                builder.endOf(builder.put(VM + "/resize", "disk=scsi0&size=4G")),
                is("shrinking disks is not supported"));
        assertThat(builder.endOf(builder.put(VM + "/resize", "disk=scsi5&size=4G")), is("disk 'scsi5' does not exist"));
        assertThat(
                builder.put(VM + "/resize", "disk=scsi0&size=much").error("size"),
                is("value does not match the regex pattern"));
        assertThat(builder.endOf(builder.put(CT + "/resize", "disk=rootfs&size=%2B64M")), is("OK"));
        assertThat(pve.cluster.guest(202).configured("rootfs"), is("local:202/vm-202-disk-0.raw,size=8256M"));
    }

    @ParameterizedTest
    @EnumSource
    void aGuestBecomesATemplate(Generation generation) {
        start(generation);

        assertThat(
                builder.get(VM + "/feature?feature=clone")
                        .data()
                        .path("hasFeature")
                        .asInt(),
                is(0));
        Reply made = builder.post(VM + "/template", "");
        assertThat(builder.endOf(made), is("OK"));
        assertThat(config().path("template").asInt(), is(1));
        assertThat(config().path("scsi0").asText(), is("local:500/base-500-disk-0.qcow2,size=8G"));
        assertThat(
                builder.get(VM + "/feature?feature=clone")
                        .data()
                        .path("hasFeature")
                        .asInt(),
                is(1));
        assertThat(builder.post(VM + "/template", "").reason(), is("you can't convert a template to a template"));
        assertThat(builder.post(CT + "/template", "").data().isNull(), is(true));
        assertThat(made.data().asText(), not(is("")));
    }
}
