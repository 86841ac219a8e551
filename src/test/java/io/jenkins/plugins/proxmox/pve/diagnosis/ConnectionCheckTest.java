package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.jenkins.plugins.proxmox.pve.access.GuestUse;
import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Generation.class)
class ConnectionCheckTest {

    private static final Authentication JENKINS = new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD);

    private final Generation generation;

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster example;
    private final AccessControl access;

    ConnectionCheckTest(Generation generation) {
        this.generation = generation;
        proxmox = SimulatedProxmox.start(generation);
        example = ExampleCluster.in(proxmox);
        access = proxmox.access();
    }

    private ConnectionReport check(Authentication identity, Duration longest) throws IOException {
        try (ProxmoxClient client = new ProxmoxClient(example.settings(identity))) {
            return ConnectionCheck.of(client, true, longest);
        }
    }

    private ConnectionReport check(Authentication identity) throws IOException {
        return check(identity, ConnectionCheck.LONGEST);
    }

    private ConnectionReport check(String tokenId, String secret) throws IOException {
        return check(ExampleCluster.token(tokenId, secret));
    }

    private Authentication operator() {
        return ExampleCluster.token("jenkins@pve!operator", example.operatorSecret());
    }

    private static List<String> sentences(ConnectionReport report) {
        return report.lines().stream().map(Evidence::sentence).toList();
    }

    /** What is said after who was accepted and how many guests there are. */
    private static List<Evidence> warnings(ConnectionReport report) {
        return report.lines().subList(4, report.lines().size());
    }

    private static void assertWarns(ConnectionReport report, String sentence, String... commands) {
        assertThat(sentences(report), hasItem(startsWith(sentence)));
        Evidence warning = report.lines().stream()
                .filter(line -> line.sentence().startsWith(sentence))
                .findFirst()
                .orElseThrow();
        assertThat(warning.result(), is(Evidence.Result.NOT_OK));
        assertThat(warning.commands(), is(List.of(commands)));
        for (String command : commands) {
            assertThat(
                    report.toHtml(),
                    containsString(command.replace("'", "&#39;").replace("\"", "&quot;")));
        }
        assertThat(report.isFine(), is(false));
        assertThat(report.trouble(), nullValue());
    }

    private List<String> asked() {
        return proxmox.requests().stream().map(ReceivedRequest::toString).toList();
    }

    private static Instant inDays(int days) {
        return Instant.now().plus(days, ChronoUnit.DAYS).plus(1, ChronoUnit.HOURS);
    }

    private static String date(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static final String ROLE = "pveum role add JenkinsPower --privs \"VM.Audit VM.PowerMgmt\"";

    @Test
    void tellsOfAGuestThatItLeftOut() throws IOException {
        proxmox.cluster().vm(50, "pve1", "left-behind");
        ConnectionReport report = check("jenkins@pve!ci", example.ciSecret());
        assertThat(sentences(report), hasItem(containsString("sees: 14")));
        assertThat(
                report.lines(),
                hasItem(new Evidence(
                        Evidence.Result.UNKNOWN,
                        "Left out of the list: qemu/50 (50 is not a VMID: VMIDs range from 100 to 999999999).")));
        assertThat(report.trouble(), nullValue());
    }

    @Test
    void tellsStepByStepWhatIsFine() throws IOException {
        ConnectionReport report = check(operator());
        assertThat(
                sentences(report),
                contains(
                        "The server answers, and its certificate is trusted.",
                        "It is Proxmox VE " + (generation == Generation.V8 ? "8.3.2." : "9.2.11."),
                        "It accepts jenkins@pve!operator.",
                        "Guests that jenkins@pve!operator sees: 1; it can start and stop 1 of them."));
        assertThat(report.isFine(), is(true));
        assertThat(report.rights(), hasSize(1));
        assertThat(report.rights().get(0).path(), is("/vms/100"));
        assertThat(report.rights().get(0).role(), is("PVEVMUser"));
    }

    @Test
    void listsThePathsThatAnAdministratorWouldName() throws IOException {
        access.grant("/vms/200", "auditor@pve", "PVEVMUser");
        ConnectionReport report = check("auditor@pve!ci", example.auditorSecret());
        assertThat(
                report.rights().stream().map(on -> on.path() + " " + on.role()).toList(),
                contains("/ PVEAuditor", "/vms/200 PVEVMUser"));
    }

    @Test
    void countsTheGuestsThatMayOnlyBeLookedAt() throws IOException {
        ConnectionReport report = check("auditor@pve!ci", example.auditorSecret());
        assertThat(sentences(report), hasItem("Guests that auditor@pve!ci sees: 14; it can start and stop 0 of them."));
        assertThat(report.isFine(), is(false));
    }

    @Test
    void warnsThatNothingIsVerified() throws IOException {
        ClientSettings settings =
                ClientSettings.of(example.settings().addresses(), operator(), new TlsTrust.Unverified());
        try (ProxmoxClient client = new ProxmoxClient(settings)) {
            assertWarns(
                    ConnectionCheck.of(client, false), "The server answers. Its certificate was not verified: anyone");
        }
    }

    @Test
    void warnsOfRoot() throws IOException {
        access.password("root@pam", "toor");
        assertWarns(
                check(new TicketLogin("root@pam", "toor")),
                "This is root@pam, who can do everything.",
                ROLE,
                "pveum user add jenkins@pve",
                "pveum user token add jenkins@pve jenkins --privsep 1",
                "pveum acl modify /vms/100 --users jenkins@pve --roles JenkinsPower",
                "pveum acl modify /vms/100 --tokens 'jenkins@pve!jenkins' --roles JenkinsPower");
    }

    @Test
    void warnsOfATokenOfRootThatMayDoEverything() throws IOException {
        assertWarns(
                check("root@pam!ci", access.token("root@pam!ci", false)),
                "root@pam!ci can do everything that its user root@pam can do, and that is everything:"
                        + " it was created without privilege separation.",
                ROLE,
                "pveum acl modify /vms/100 --tokens 'root@pam!ci' --roles JenkinsPower",
                "pveum user token modify root@pam ci --privsep 1");
    }

    @Test
    void warnsOfATokenOfRootThatMayDoLittle() throws IOException {
        String secret = access.token("root@pam!ci", true);
        access.grant("/vms/100", "root@pam!ci", "PVEVMUser");
        ConnectionReport report = check("root@pam!ci", secret);
        assertThat(warnings(report), hasSize(1));
        assertWarns(
                report,
                "This is a token of root@pam, who can do everything; only privilege separation limits it.",
                ROLE,
                "pveum user add jenkins@pve",
                "pveum user token add jenkins@pve jenkins --privsep 1",
                "pveum acl modify /vms/100 --users jenkins@pve --roles JenkinsPower",
                "pveum acl modify /vms/100 --tokens 'jenkins@pve!jenkins' --roles JenkinsPower");
    }

    @Test
    void warnsOfATokenWithAllThePowerOfItsUser() throws IOException {
        access.user("admin@pve");
        access.grant("/", "admin@pve", "Administrator");
        ConnectionReport report = check("admin@pve!ci", access.token("admin@pve!ci", false));
        assertThat(warnings(report), hasSize(1));
        assertWarns(
                report,
                "admin@pve!ci can do everything that its user admin@pve can do, and that is everything:"
                        + " it was created without privilege separation.",
                ROLE,
                "pveum acl modify /vms/100 --tokens 'admin@pve!ci' --roles JenkinsPower",
                "pveum user token modify admin@pve ci --privsep 1");
    }

    @Test
    void warnsOfATokenThatWasMadeAnAdministrator() throws IOException {
        access.user("admin@pve");
        access.grant("/", "admin@pve", "Administrator");
        String secret = access.token("admin@pve!ci", true);
        access.grant("/", "admin@pve!ci", "Administrator");
        assertWarns(
                check("admin@pve!ci", secret),
                "admin@pve!ci can do everything: it was given the role Administrator, or a similar one, on the path /",
                ROLE,
                "pveum acl modify /vms/100 --tokens 'admin@pve!ci' --roles JenkinsPower",
                "pveum acl delete / --tokens 'admin@pve!ci' --roles Administrator",
                "pveum user token permissions admin@pve ci");
    }

    @Test
    void warnsOfAnAlmightyTokenThoughItsUserCannotBeRead() throws IOException {
        access.user("admin@pve");
        access.role("AlmostAll", "Permissions.Modify,VM.Audit,VM.PowerMgmt");
        access.grant("/", "admin@pve", "AlmostAll");
        ConnectionReport report = check("admin@pve!ci", access.token("admin@pve!ci", false));
        assertThat(asked(), not(hasItem(startsWith("GET /access/users"))));
        assertWarns(
                report,
                "admin@pve!ci can do everything, even give rights to others, and so can its user admin@pve.",
                "pveum user token list admin@pve",
                "pveum acl list");
    }

    @Test
    void warnsOfAnAlmightyUser() throws IOException {
        access.grant("/", "jenkins@pve", "Administrator");
        ConnectionReport report = check(JENKINS);
        assertThat(warnings(report), hasSize(1));
        assertWarns(
                report,
                "jenkins@pve can do everything, even give rights to others.",
                ROLE,
                "pveum user add jenkins@pve",
                "pveum user token add jenkins@pve jenkins --privsep 1",
                "pveum acl modify /vms/100 --users jenkins@pve --roles JenkinsPower",
                "pveum acl modify /vms/100 --tokens 'jenkins@pve!jenkins' --roles JenkinsPower");
    }

    @Test
    void warnsOfMoreRightsThanJobsNeed() throws IOException {
        access.role("Power", "Sys.PowerMgmt");
        access.grant("/nodes", "jenkins@pve", "Power");
        assertWarns(
                check("jenkins@pve!ci", example.ciSecret()),
                "jenkins@pve!ci has more rights than jobs need: Sys.PowerMgmt.");
    }

    /** Clones are deleted by whoever may delete what is in their pool. */
    @Test
    void warnsOfAnIdentityThatMayDeleteEveryGuest() throws IOException {
        assertWarns(check("jenkins@pve!ci", example.ciSecret()), "jenkins@pve!ci can delete any guest:");
        access.revoke("/vms", "jenkins@pve");
        access.pool("ci", 100);
        access.grant("/pool/ci", "jenkins@pve", "PVEVMAdmin");
        ConnectionReport report = check("jenkins@pve!ci", example.ciSecret());
        assertThat(report.isFine(), is(true));
        assertThat(uses(report), hasItem("delete: 1 of 1"));
    }

    /** Each thing that jobs do: with how many guests, and what is missing for the others. */
    private static List<String> uses(ConnectionReport report) {
        return report.uses().stream()
                .map(use -> DiagnosisTexts.use(use.right()) + ": " + use.permitted() + " of " + use.of()
                        + (use.missing().isEmpty() ? "" : ", lacks " + lacks(use)))
                .toList();
    }

    private static String lacks(GuestUse use) {
        return use.missing().stream().map(DiagnosisTexts::onPath).collect(Collectors.joining(", "));
    }

    @Test
    void tellsWhatJobsCanDoWithHowManyGuests() throws IOException {
        String space = "Datastore.AllocateSpace on /storage/{storage}";
        String network = "SDN.Use on /sdn/zones/{zone}/{network}";
        assertThat(
                uses(check("jenkins@pve!ci", example.ciSecret())),
                contains(
                        "start and stop: 14 of 14",
                        "hibernate: 0 of 10, lacks " + space,
                        "create and delete snapshots: 14 of 14",
                        "roll back to a snapshot: 14 of 14",
                        "clone: 0 of 14, lacks " + space + ", " + network,
                        "delete: 14 of 14",
                        "wait for the guest agent or an address: 10 of 10",
                        "run commands: 10 of 10"));
        access.role("Clones", "Datastore.AllocateSpace,SDN.Use");
        access.grant("/storage/local", "jenkins@pve", "Clones");
        access.grant("/sdn", "jenkins@pve", "Clones");
        assertThat(uses(check("jenkins@pve!ci", example.ciSecret())), hasItem("clone: 14 of 14"));
    }

    @Test
    void tellsWhatIsMissingByTheNamesOfTheServersVersion() throws IOException {
        access.role("See", "VM.Audit");
        access.user("see@pve");
        access.grant("/vms/100", "see@pve", "See");
        ConnectionReport report = check("see@pve!ci", access.token("see@pve!ci", false));
        boolean old = generation == Generation.V8;
        String newGuest = " on /vms or /pool/{pool}";
        assertThat(
                uses(report),
                contains(
                        "start and stop: 0 of 1, lacks VM.PowerMgmt on /vms/{vmid}",
                        "hibernate: 0 of 1, lacks VM.PowerMgmt on /vms/{vmid}, VM.Config.Disk on /vms/{vmid},"
                                + " Datastore.AllocateSpace on /storage/{storage}",
                        "create and delete snapshots: 0 of 1, lacks VM.Snapshot on /vms/{vmid}",
                        "roll back to a snapshot: 0 of 1, lacks VM.Snapshot.Rollback or VM.Snapshot on /vms/{vmid}",
                        "clone: 0 of 1, lacks VM.Clone on /vms/{vmid}, VM.Allocate" + newGuest + ", VM.Audit"
                                + newGuest + ", VM.Config.Options" + newGuest
                                + ", Datastore.AllocateSpace on /storage/{storage},"
                                + " SDN.Use on /sdn/zones/{zone}/{network}",
                        "delete: 0 of 1, lacks VM.Allocate on /vms/{vmid}",
                        "wait for the guest agent or an address: 0 of 1, lacks "
                                + (old ? "VM.Monitor" : "VM.GuestAgent.Audit or VM.GuestAgent.Unrestricted")
                                + " on /vms/{vmid}",
                        "run commands: 0 of 1, lacks " + (old ? "VM.Monitor" : "VM.GuestAgent.Unrestricted")
                                + " on /vms/{vmid}"));
        assertThat(report.toHtml(), containsString("<td>0 of 1</td><td>VM.Snapshot on /vms/{vmid}</td>"));
    }

    @Test
    void warnsThatTheUserOfALoginExpiresSoon() throws IOException {
        Instant end = inDays(12);
        access.expire("jenkins@pve", end.getEpochSecond());
        assertWarns(
                check(JENKINS),
                "The account of the user jenkins@pve expires on " + date(end) + " (days left: 12), and with it",
                "pveum user modify jenkins@pve --expire 0");
    }

    @Test
    void saysNothingOfAnEndThatIsFar() throws IOException {
        access.expire("jenkins@pve", inDays(31).getEpochSecond());
        assertThat(sentences(check(JENKINS)), not(hasItem(containsString("expires"))));
    }

    @Test
    void warnsThatATokenThatMayReadItsUserExpiresSoon() throws IOException {
        Instant end = inDays(3);
        String secret = access.token("auditor@pve!short", false, end.getEpochSecond());
        access.expire("auditor@pve", end.getEpochSecond());
        ConnectionReport report = check("auditor@pve!short", secret);
        assertWarns(
                report,
                "The token auditor@pve!short expires on " + date(end) + " (days left: 3). From then on",
                "pveum user token modify auditor@pve short --expire 0");
        assertWarns(
                report,
                "The account of the user auditor@pve expires on " + date(end),
                "pveum user modify auditor@pve --expire 0");
        assertThat(asked(), hasItem("GET /access/users/auditor@pve"));
    }

    /** A token may not even read its own entry (PVE::API2::User). */
    @Test
    void doesNotAskForTheEndOfATokenThatItIsNotTold() throws IOException {
        String secret = access.token("jenkins@pve!short", false, inDays(3).getEpochSecond());
        ConnectionReport report = check("jenkins@pve!short", secret);
        assertThat(sentences(report), not(hasItem(containsString("expires"))));
        assertThat(
                asked(),
                contains("GET /version", "GET /access/permissions", "GET /cluster/resources", "GET /access/roles"));
    }

    @Test
    void isFineThoughTheAccountIsNotTold() throws IOException {
        proxmox.inject(
                request -> request.path().startsWith("/access/users"),
                new Fault.Refuse(403, "Permission check failed"));
        ConnectionReport report = check(JENKINS);
        assertThat(report.trouble(), nullValue());
        assertThat(report.rights(), hasSize(1));
    }

    @Test
    void explainsARefusal() throws IOException {
        ConnectionReport report = check("jenkins@pve!gone", "00000000-0000-0000-0000-000000000000");
        assertThat(report.trouble(), notNullValue());
        assertThat(report.trouble().headline(), containsString("does not accept jenkins@pve!gone"));
        assertThat(report.lines(), is(List.of()));
    }

    @Test
    void explainsAGatewayThatHasNoAnswerToPassOn() throws IOException {
        proxmox.inject(request -> true, new Fault.Answer(502, "Bad Gateway", "text/plain", "Bad Gateway"));
        ConnectionReport report = check(JENKINS);
        assertThat(
                report.trouble().headline(),
                is(proxmox.address() + " did not answer like Proxmox VE. A reverse proxy answers at "
                        + proxmox.address() + ", but gets no answer from Proxmox VE."));
        assertThat(report.trouble().toPlainText(), not(containsString("journalctl")));
    }

    @Test
    void endsInTimeAlthoughTheServerIsSlow() throws IOException {
        proxmox.inject(request -> request.path().equals("/access/permissions"), new Fault.Delay(Duration.ofSeconds(5)));
        long start = System.nanoTime();
        ConnectionReport report = check(operator(), Duration.ofSeconds(1));
        assertThat(Duration.ofNanos(System.nanoTime() - start).toMillis(), lessThan(4000L));
        assertThat(sentences(report), hasItem("It accepts jenkins@pve!operator."));
        assertThat(sentences(report), hasItem(containsString("The server took too long")));
        assertThat(report.trouble(), nullValue());
    }

    @Test
    void asksFewQuestionsThatChangeNothing() throws IOException {
        check(JENKINS);
        assertThat(proxmox.writes(), is(List.of()));
        assertThat("with the login", asked().size(), is(lessThanOrEqualTo(6)));
    }
}
