package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiPathTest {

    @Test
    void joinsSegmentsBelowTheRootOfTheApi() {
        ApiPath path = ApiPath.of("nodes", "pve1", "qemu", 100, "status", "current");
        assertThat(path.requestTarget(), is("/api2/json/nodes/pve1/qemu/100/status/current"));
        assertThat(path, hasToString("/nodes/pve1/qemu/100/status/current"));
    }

    @Test
    void encodesWhatIsNotPlain() {
        String upid = "UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:jenkins@pve!ci:";
        assertThat(
                ApiPath.of("nodes", "pve1", "tasks", upid, "status").requestTarget(),
                is("/api2/json/nodes/pve1/tasks/UPID%3Apve1%3A00006618%3A00051E3F%3A6B049232%3Aqmstart%3A100"
                        + "%3Ajenkins%40pve%21ci%3A/status"));
        assertThat(ApiPath.of("a+b", "ü").requestTarget(), is("/api2/json/a%2Bb/%C3%BC"));
        assertThat(ApiPath.of("LAB\\ci@ad").requestTarget(), is("/api2/json/LAB%5Cci%40ad"));
        assertThat(ApiPath.of("ci#1?%2f@pve").requestTarget(), is("/api2/json/ci%231%3F%252f%40pve"));
    }

    @Test
    void encodesTheQuery() {
        ApiPath path = ApiPath.of("access", "permissions")
                .with("path", "/vms/100 &x=1")
                .with("n", 5);
        assertThat(path.requestTarget(), is("/api2/json/access/permissions?path=%2Fvms%2F100%20%26x%3D1&n=5"));
        assertThat("the query is not for messages", path, hasToString("/access/permissions"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "../",
                "../../access/users",
                "pve1/../pve2",
                "a/b",
                "/",
                "pve 1",
                " ",
                "\u00a0x\u2028",
                "pve1\r\nX-Evil: 1",
                "pve1\n",
                "pve1\t",
                "pve1\u0000",
                "pve1\u007f",
                "pve1\u0085"
            })
    void refusesSegmentsThatCouldLeadElsewhere(String segment) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ApiPath.of("nodes", segment, "status"));
        assertThat(refusal.getMessage(), containsString("cannot be part of a path"));
        assertThat(refusal.getMessage(), not(containsString("\n")));
    }
}
