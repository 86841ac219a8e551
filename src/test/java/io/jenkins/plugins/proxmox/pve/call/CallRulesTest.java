package io.jenkins.plugins.proxmox.pve.call;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallRulesTest {

    private static ApiCall call(String call) {
        String[] parts = call.split(" ");
        return ApiCall.of(Method.valueOf(parts[0]), CallPath.parse(parts[1]), Map.of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /version                                | GET /version                          | true
            GET /version                                | POST /version                         | false
            GET /version                                | GET /Version                          | false
            GET /version                                | GET /version/x                        | false
            GET /nodes/*/qemu/*/config                  | GET /nodes/pve1/qemu/100/config       | true
            GET /nodes/*/qemu/*/config                  | GET /nodes/pve1/lxc/100/config        | false
            GET /nodes/*/qemu/*/config                  | GET /nodes/pve1/qemu/config           | false
            GET /nodes/*/qemu/*/config                  | GET /nodes/pve1/qemu/100/x/config     | false
            GET /nodes/*/qemu/*/config                  | PUT /nodes/pve1/qemu/100/config       | false
            GET,POST /nodes/*/qemu/*/status/**          | POST /nodes/pve1/qemu/100/status/stop | true
            GET,POST /nodes/*/qemu/*/status/**          | GET /nodes/pve1/qemu/100/status/a/b   | true
            GET,POST /nodes/*/qemu/*/status/**          | GET /nodes/pve1/qemu/100/status       | false
            GET,POST /nodes/*/qemu/*/status/**          | PUT /nodes/pve1/qemu/100/status/stop  | false
            DELETE /nodes/*/qemu/*/**                   | DELETE /nodes/pve1/qemu/100           | false
            DELETE /nodes/*/qemu/*/**                   | DELETE /nodes/pve1/qemu/100/snapshot/a | true
            get , put /pools                            | PUT /pools                            | true
            GET /**                                     | GET /cluster/resources                | true
            GET /**                                     | DELETE /cluster/resources             | false
            POST /nodes/pve1/vzdump                     | POST /nodes/pve2/vzdump               | false
            """)
    void allowsWhatARuleMatches(String rule, String call, boolean allowed) {
        assertThat(CallRules.parse(List.of(rule)).allow(call(call)), is(allowed));
    }

    @Test
    void allowsNothingWithoutARule() {
        CallRules none = CallRules.parse(List.of());
        assertThat(none.isEmpty(), is(true));
        assertThat(none.allow(call("GET /version")), is(false));
    }

    @Test
    void allowsWhatOneOfSeveralRulesMatches() {
        CallRules rules = CallRules.parse(List.of("GET /version", "PUT /nodes/*/qemu/*/config"));
        assertThat(rules.allow(call("GET /version")), is(true));
        assertThat(rules.allow(call("PUT /nodes/pve1/qemu/1/config")), is(true));
        assertThat(rules.allow(call("GET /nodes/pve1/qemu/1/config")), is(false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                          | is not a rule
            GET                         | is not a rule
            /version                    | is not a rule
            GET/version                 | is not a rule
            GET version                 | is not a rule
            GET https://pve1/version    | is not a rule
            * /version                  | is not a method
            HEAD /version               | is not a method
            GET;POST /version           | is not a method
            GETPOST /version            | is not a method
            GET, /version x             | character U+0020
            GET /a /b                   | character U+0020
            GET /**/config              | only at the end
            GET /nodes/pve*/qemu        | a whole part
            GET /nodes/***              | a whole part
            GET /nodes//qemu            | is empty
            GET /nodes/                 | is empty
            GET /                       | is empty
            GET /nodes/../access        | consists of dots
            GET /nodes/%2e%2e           | percent sign
            GET /cluster/resources?x=1  | contains ?
            GET /api2/json/version      | leave out /api2/json
            GET /api2/json/**           | asterisk
            GET /nodes/pv\u00e91        | character U+00E9
            POST /access/ticket         | allows nothing: it is a login
            POST /access/users          | allows nothing: it changes users
            GET,POST /nodes/pve1/execute | allows nothing: it runs calls of any path
            """)
    void refusesALineThatIsNoRule(String line, String why) {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> CallRules.parse(List.of(line)));
        assertThat(refusal.getMessage(), containsString(why));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /access/ticket",
                "POST /access/ticket",
                "POST /Access/TICKET",
                "POST /access/openid/login",
                "POST /access/openid/auth-url",
                "POST /access/vncticket",
                "PUT /access/password",
                "PUT /access/acl",
                "POST /access/users",
                "POST /access/users/jenkins@pve/token/new",
                "PUT /access/users/jenkins@pve/token/ci",
                "DELETE /access/roles/PVEAdmin",
                "POST /access/tfa/root@pam",
                "GET /access/domains/sso",
                "POST /nodes/pve1/execute",
                "POST /nodes/pve1/EXECUTE",
                "POST /nodes/pve1/termproxy",
                "POST /nodes/pve1/vncshell",
                "POST /nodes/pve1/spiceshell",
                "GET /nodes/pve1/vncwebsocket",
                "POST /nodes/pve1/qemu/100/vncproxy",
                "POST /nodes/pve1/qemu/100/termproxy",
                "POST /nodes/pve1/qemu/100/spiceproxy",
                "GET /nodes/pve1/qemu/100/vncwebsocket",
                "POST /nodes/pve1/qemu/100/mtunnel",
                "GET /nodes/pve1/qemu/100/mtunnelwebsocket",
                "POST /nodes/pve1/lxc/200/vncproxy",
                "POST /nodes/pve1/lxc/200/mtunnel",
                "POST /nodes/pve1/qemu/100/monitor",
                "POST /cluster/config",
                "POST /cluster/config/join",
                "POST /cluster/config/nodes/pve9"
            })
    void refusesWhatNoRuleCanAllow(String call) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> call(call));
        assertThat(refusal.getMessage(), startsWith("proxmoxApi cannot call " + call + ": it "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /access/permissions",
                "GET /access/users",
                "GET /access/users/jenkins@pve/token/ci",
                "GET /access/domains",
                "GET /cluster/config/nodes",
                "POST /cluster/backup",
                "POST /nodes/pve1/qemu/100/agent/exec",
                "POST /nodes/pve1/qemu/100/snapshot",
                "GET /nodes/pve1/qemu/100/snapshot/execute",
                "GET /nodes/pve1/qemu/100/snapshot/vncproxy/config"
            })
    void leavesTheRestToTheRules(String call) {
        assertThat(call(call), hasToString(call));
        assertThat(CallRules.parse(List.of(call)).allow(call(call)), is(true));
    }

    @Test
    void suggestsTheNarrowestRuleThatCanBeReused() {
        ApiCall config = call("PUT /nodes/pve1/qemu/100/config");
        assertThat(CallRule.lineFor(config.method(), config.path()), is("PUT /nodes/pve1/qemu/100/config"));
        ApiCall log = call("GET /nodes/pve1/tasks/UPID:pve1:00006618:00051E3F:6B049232:vzdump::jenkins@pve!ci:/log");
        String line = CallRule.lineFor(log.method(), log.path());
        assertThat(line, is("GET /nodes/pve1/tasks/*/log"));
        assertThat(CallRules.parse(List.of(line)).allow(log), is(true));
    }

    @Test
    void knowsRulesWithoutALimit() {
        CallRules rules =
                CallRules.parse(List.of("GET /**", "GET,DELETE /**", "POST /nodes/**", "put /**", "GET /version"));
        assertThat(rules.unlimited(), contains("GET,DELETE /**", "PUT /**"));
        assertThat(CallRule.parse(" get,\tPOST  /nodes/*/qemu \n"), allOf(hasToString("GET,POST /nodes/*/qemu")));
    }

    @ParameterizedTest
    @ValueSource(strings = {", /nodes", ",,, /nodes", " /nodes", "GET/nodes", "GET", ""})
    void refusesWhatNamesNoMethodOrNoPath(String line) {
        assertThrows(IllegalArgumentException.class, () -> CallRule.parse(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\t", ",", "/", "*/"})
    @Timeout(60)
    void refusesALongLineAtOnce(String piece) {
        String line = "x" + piece.repeat(64 * 1024 / piece.length()) + "x";
        assertThrows(IllegalArgumentException.class, () -> CallRule.parse(line));
    }
}
