package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.Realm;
import io.jenkins.plugins.proxmox.pve.access.Role;
import io.jenkins.plugins.proxmox.pve.access.UserAccount;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.ClusterResources;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.model.SkippedEntries;
import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.TaskSummary;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One odd entry of a list never hides the others, and is told once. */
@ParameterizedClass
@EnumSource(Generation.class)
class OddEntriesTest {

    private static final String NO_VMID = " is not a VMID: VMIDs range from 100 to 999999999";
    private static final Upid TASK = Upid.parse("UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:jenkins@pve!ci:");

    @AutoClose
    private final SimulatedProxmox proxmox;

    @AutoClose
    private final ProxmoxClient client;

    OddEntriesTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        client = new ProxmoxClient(ExampleCluster.in(proxmox).settings());
    }

    private void nextAnswer(String data) {
        proxmox.inject(
                request -> true,
                new Fault.Answer(200, "OK", "application/json;charset=UTF-8", "{\"data\":" + data + "}"));
    }

    private Listing<ListedGuest> guestsOf(String data) throws ProxmoxException {
        nextAnswer(data);
        return client.guests();
    }

    @Test
    void leavesOutAGuestWhoseNumberIsNoVmid() throws Exception {
        proxmox.cluster().vm(50, "pve1", "left-behind");
        proxmox.cluster().container(7, "pve1", "left-behind-too");
        assertThat(client.guests(), hasSize(14));
        assertThat(
                client.guests().leftOut(),
                is(new SkippedEntries(List.of("lxc/7 (7" + NO_VMID + ")", "qemu/50 (50" + NO_VMID + ")"))));
        assertThat(
                client.guests().leftOut().inWords(),
                is("Left out of the list: lxc/7 (7" + NO_VMID + "), qemu/50 (50" + NO_VMID + ")."));
        assertThat(client.resources().guests(), hasSize(14));
        assertThat(client.resources().nodes(), hasSize(2));
        assertThat(client.resources().leftOut(), is(client.guests().leftOut()));
    }

    @Test
    void takesAClusterWithNothingButSuchAGuestForProxmox() throws Exception {
        Listing<ListedGuest> guests =
                guestsOf("[{\"id\":\"qemu/50\",\"type\":\"qemu\",\"node\":\"pve1\",\"vmid\":50}]");
        assertThat(guests, is(empty()));
        assertThat(guests.leftOut().entries(), contains("qemu/50 (50" + NO_VMID + ")"));
    }

    /** The largest number that the cluster's file system takes, and one that is 100 when it is cut to 32 bits. */
    @ParameterizedTest
    @ValueSource(strings = {"4294967295", "4294967396", "1000000000", "99", "0"})
    void readsNoOtherVmidIntoALargeOrSmallNumber(String number) throws Exception {
        for (String vmid : List.of(number, "\"" + number + "\"")) {
            Listing<ListedGuest> guests = guestsOf("[{\"type\":\"qemu\",\"node\":\"pve1\",\"vmid\":" + vmid + "}]");
            assertThat(guests, is(empty()));
            assertThat(guests.leftOut().inWords(), containsString(number + NO_VMID));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        {"id":"qemu/102","type":"qemu","vmid":102}                                | qemu/102 (no node in it)
        {"id":"qemu/102","type":"qemu","vmid":102,"node":null}                    | qemu/102 (no node in it)
        {"id":"qemu/102","type":"qemu","vmid":102,"node":"../x"}                  | qemu/102 ("../x" is not a node name:
        {"id":"qemu/102","type":"qemu","node":"pve1"}                             | qemu/102 (no vmid in it)
        {"id":"qemu/102","type":"qemu","node":"pve1","vmid":null}                 | qemu/102 (no vmid in it)
        {"id":"qemu/102","type":"qemu","node":"pve1","vmid":"many"}               | qemu/102 (many is not a VMID:
        {"id":"qemu/102","type":"qemu","node":"pve1","vmid":102.5}                | qemu/102 (102.5 is not a VMID:
        {"id":"qemu/102","node":"pve1","vmid":102}                                | qemu/102 (no type in it)
        {"id":"qemu/102","type":null,"node":"pve1","vmid":102}                    | qemu/102 (no type in it)
        {"vmid":102}                                                              | {"vmid":102} (no type in it)
        null                                                                      | null (no type in it)
        42                                                                        | 42 (no type in it)
        "qemu/102"                                                                | "qemu/102" (no type in it)
        ["qemu",102]                                                              | ["qemu",102] (no type in it)
        """)
    void leavesOutAGuestThatCannotBeRead(String odd, String told) throws Exception {
        String good = "{\"id\":\"qemu/101\",\"type\":\"qemu\",\"node\":\"pve1\",\"vmid\":\"101\",\"status\":null,"
                + "\"name\":null,\"template\":\"1\"}";
        Listing<ListedGuest> guests = guestsOf("[" + odd + "," + good + "]");
        assertThat(guests.stream().map(ListedGuest::toString).toList(), contains("VM 101 on node pve1"));
        assertThat(guests.get(0).status(), is("unknown"));
        assertThat(guests.get(0).template(), is(true));
        assertThat(guests.leftOut().entries(), contains(startsWith(told)));
        nextAnswer("[" + odd + "," + good + "]");
        ClusterResources resources = client.resources();
        assertThat(resources.guests(), hasSize(1));
        assertThat(resources.leftOut(), is(guests.leftOut()));
    }

    @Test
    void saysHowManyMoreWereLeftOut() throws Exception {
        for (int vmid = 10; vmid < 20; vmid++) {
            proxmox.cluster().vm(vmid, "pve1", "odd-" + vmid);
        }
        assertThat(
                client.guests().leftOut().inWords().replace(NO_VMID, ""),
                is("Left out of the list: qemu/10 (10), qemu/11 (11), qemu/12 (12), qemu/13 (13), qemu/14 (14)"
                        + " and 5 more."));
    }

    @Test
    void leavesOutANodeWithAStrangeName() throws Exception {
        nextAnswer("[{\"node\":\"pve 1\",\"status\":\"online\"},{\"node\":\"pve1\",\"status\":\"online\"},{}]");
        Listing<NodeResource> nodes = client.nodes();
        assertThat(nodes, contains(new NodeResource("pve1", "online", null)));
        assertThat(nodes.leftOut().entries(), hasSize(2));
        nextAnswer("[{\"type\":\"node\",\"node\":\"pve 1\"},{\"type\":\"node\",\"node\":\"pve1\"}]");
        assertThat(client.resources().nodes(), contains(new NodeResource("pve1", "unknown", null)));
    }

    @Test
    void leavesOutATaskWithAStrangeIdentifier() throws Exception {
        nextAnswer("[{\"upid\":\"something new\"},{\"upid\":\"" + TASK + "\",\"status\":\"OK\"},{},7]");
        assertThat(
                client.tasks("pve1", 100, Instant.EPOCH), contains(new TaskSummary(TASK, new TaskStatus(false, "OK"))));
        nextAnswer("[{\"upid\":\"something new\"}]");
        assertThat(client.tasks("pve1", 100, Instant.EPOCH), is(empty()));
    }

    @Test
    void leavesOutALineOfALogWithoutText() throws Exception {
        nextAnswer(
                "[{\"n\":1,\"t\":\"first\"},{\"n\":2},{\"n\":3,\"t\":{}},null,{\"n\":4,\"t\":\"\"},{\"n\":5,\"t\":6}]");
        assertThat(client.taskLog(TASK, 0, 50), contains("first", "", "6"));
    }

    @Test
    void leavesOutRolesRealmsAndUsersWithoutName() throws Exception {
        nextAnswer("[{\"privs\":\"VM.Audit\"},{\"roleid\":\"Jenkins\",\"privs\":\"VM.Audit\"},{\"roleid\":\"Empty\"}]");
        assertThat(
                client.roles(),
                contains(new Role("Jenkins", Set.of("VM.Audit"), false), new Role("Empty", Set.of(), false)));
        nextAnswer("[{\"type\":\"pam\"},{\"realm\":\"pve\",\"type\":\"pve\"},[]]");
        assertThat(client.realms(), contains(new Realm("pve", "pve")));
        nextAnswer("[{\"enable\":1},{\"userid\":\"jenkins@pve\"},\"root@pam\"]");
        assertThat(client.accounts(), contains(new UserAccount("jenkins@pve", null, Map.of())));
    }

    @Test
    void leavesOutATokenThatIsNone() throws Exception {
        nextAnswer("{\"tokens\":{\"odd\":null,\"ci\":{\"privsep\":\"0\",\"expire\":\"0\"}}}");
        assertThat(client.account("jenkins@pve").tokens(), is(Map.of("ci", new UserAccount.Token(false, null))));
    }

    @Test
    void leavesOutAPathWithoutPrivileges() throws Exception {
        nextAnswer("{\"/vms\":{\"VM.Audit\":\"1\"},\"/vms/100\":null,\"vms\":{\"VM.Audit\":1},\"/pool\":[]}");
        Permissions permissions = client.permissions();
        assertThat(permissions.paths(), contains("/vms"));
        assertThat("comes from above", permissions.allow("VM.Audit", "/vms/100"), is(true));
    }

    @Test
    void readsARoleWithManyPrivilegesWhole() throws Exception {
        String many = "VM.Audit," + "VM.Something.With.A.Long.Name,".repeat(40) + "VM.PowerMgmt";
        nextAnswer("[{\"roleid\":\"Large\",\"privs\":\"" + many + "\"}]");
        assertThat(
                client.roles().get(0).privileges(),
                is(Set.of("VM.Audit", "VM.Something.With.A.Long.Name", "VM.PowerMgmt")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{\"hello\":\"world\"}]", "[1,2,3]", "[null]", "[[]]", "{}", "null"})
    void takesAListWithoutAnyEntryOfProxmoxForSomethingElse(String data) {
        for (Executable call : new Executable[] {
            client::guests,
            client::nodes,
            client::resources,
            client::roles,
            client::realms,
            client::accounts,
            () -> client.tasks("pve1", 100, Instant.EPOCH),
            () -> client.taskLog(TASK, 0, 50)
        }) {
            nextAnswer(data);
            assertThrows(NotProxmoxException.class, call);
        }
        nextAnswer("{\"hello\":\"world\"}");
        assertThrows(NotProxmoxException.class, client::permissions);
    }

    @Test
    void takesAnEmptyListForWhatItIs() throws Exception {
        assertThat(guestsOf("[]"), is(empty()));
        assertThat(guestsOf("[]").leftOut().inWords(), is(""));
    }

    @Test
    void tellsEachEntryOnceToTheLogOfTheSystem() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        Handler capture = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getLevel() == Level.WARNING) {
                    told.add(entry.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(ProxmoxClient.class.getName());
        logger.addHandler(capture);
        try {
            proxmox.cluster().vm(50, "pve1", "left-behind");
            client.guests();
            client.guests();
            client.resources();
            client.limitedTo(1).guests();
            assertThat(
                    told,
                    contains("GET /cluster/resources on " + proxmox.address() + ": left out of the list: qemu/50 (50"
                            + NO_VMID + ")"));
            proxmox.cluster().vm(51, "pve1", "left-behind");
            client.guests();
            assertThat(told, hasSize(2));
        } finally {
            logger.removeHandler(capture);
        }
    }

    @Test
    void keepsSecretsAndControlsOutOfWhatIsTold() throws Exception {
        ApiToken token = (ApiToken) ExampleCluster.in(proxmox).settings().authentication();
        try (ProxmoxClient mine = new ProxmoxClient(ExampleCluster.in(proxmox).settings(token))) {
            nextAnswer("[{\"type\":\"storage\"},{\"type\":\"qemu\",\"vmid\":\"" + token.secret() + "\\n\\u001b[8m\","
                    + "\"node\":\"pve1\"}]");
            String words = mine.guests().leftOut().inWords();
            assertThat(words, not(containsString(token.secret())));
            assertThat(words, not(containsString("\n")));
            assertThat(words, not(containsString("\u001b")));
        }
    }
}
