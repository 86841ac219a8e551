package io.jenkins.plugins.proxmox.security;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The rules of the security scan of the Jenkins project (jenkins-infra/jenkins-codeql), by their names there, and those of
 * its guides for Jelly views and the Content Security Policy. {@link WebMethodsTest} has {@code jenkins/csrf} and
 * {@code jenkins/no-permission-check}, and {@link CredentialsListingTest} {@code
 * jenkins/credentials-fill-without-permission-check}.
 */
class SecurityScanTest {

    private static final String ROOT = "io.jenkins.plugins.proxmox";

    private static final Path SOURCES = Path.of("src/main/java");

    private static final Path RESOURCES = Path.of("src/main/resources");

    private static final JavaClasses PLUGIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    // -------------------------------------------------------------------------------------------------- the scan

    /** {@code jenkins/callable-without-role-check}: nothing of this plugin runs on an agent or is called by one. */
    @Test
    void nothingIsSentToAgentsToRunThere() {
        noClasses()
                .should()
                .beAssignableTo("hudson.remoting.Callable")
                .orShould()
                .beAssignableTo("hudson.FilePath$FileCallable")
                .orShould()
                .beAssignableTo("org.jenkinsci.remoting.RoleSensitive")
                .check(PLUGIN);
    }

    /** {@code jenkins/file-from-rest-of-path}. */
    @Test
    void noFileIsNamedByAUrl() {
        noClasses()
                .should()
                .callMethodWhere(target(nameMatching("getRestOfPath|getOriginalRestOfPath|getPathInfo")))
                .orShould()
                .dependOnClassesThat(assignableTo("hudson.model.DirectoryBrowserSupport"))
                .check(PLUGIN);
    }

    /** {@code jenkins/has-permission-return-value-ignored}. */
    @Test
    void noPermissionIsAskedForAndThenForgotten() throws IOException {
        assertThat(
                linesOf(SOURCES, ".java", "^\\s*(?!return\\b)[\\w.()]*\\bhas(Any)?Permission\\([^;]*\\);.*"),
                is(empty()));
    }

    /** {@code jenkins/plaintext-storage}: fields that have the names of secrets, each with what it really is. */
    @Test
    void noFieldKeepsASecretInClear() {
        Set<String> reviewed = Set.of(
                // credentials IDs are names, token IDs are names too
                "ProxmoxApiToken.tokenId",
                "ProxmoxApiTokenBinding.tokenIdVariable",
                // public keys
                "CloneBuildStep.sshKeys",
                "CloneFormValues.sshKeys",
                "CloneParameters.sshKeys",
                "CloningStep.sshKeys",
                "CloningWrapper.sshKeys",
                "CloudInit.sshKeys",
                // in memory only: none of these is serializable, and each hides it in toString
                "ApiToken.secret",
                "ProxySettings.password",
                "TicketLogin.password",
                "TicketSession.password",
                "TicketSession$Ticket.csrfToken");
        List<String> inMemory =
                List.of("ApiToken", "ProxySettings", "TicketLogin", "TicketSession", "TicketSession$Ticket");
        fields().that(new DescribedPredicate<JavaField>("are texts with the name of a secret") {
                    @Override
                    public boolean test(JavaField field) {
                        String name = field.getName().toLowerCase(Locale.ROOT);
                        return field.getRawType().isEquivalentTo(String.class)
                                && !field.getModifiers().contains(JavaModifier.STATIC)
                                && name.matches(".*(pass|pwd|credential|access|key|token|secret).*")
                                && !name.matches(".*credentials?id.*|secretvariable");
                    }
                })
                .should(new ArchCondition<JavaField>("be reviewed") {
                    @Override
                    public void check(JavaField field, ConditionEvents events) {
                        String owner = field.getOwner().getName();
                        String name = owner.substring(owner.lastIndexOf('.') + 1) + "." + field.getName();
                        events.add(new SimpleConditionEvent(field, reviewed.contains(name), name));
                    }
                })
                .check(PLUGIN);
        noClasses()
                .that(DescribedPredicate.describe(
                        "hold a secret in clear",
                        each -> inMemory.stream()
                                .anyMatch(kept -> each.getName().endsWith("." + kept))))
                .should()
                .beAssignableTo("java.io.Serializable")
                .check(PLUGIN);
    }

    /** {@code jenkins/unsafe-calls}. */
    @Test
    void nothingEndsTheControllerOrStartsAProcessOrChangesTlsOfOthers() {
        noClasses()
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethodWhere(target(owner(assignableTo(Runtime.class))).and(target(nameMatching("exec|halt|exit"))))
                .orShould()
                .dependOnClassesThat(assignableTo(ProcessBuilder.class))
                .orShould()
                .dependOnClassesThat(assignableTo("javax.net.ssl.HttpsURLConnection"))
                .orShould()
                .callMethodWhere(target(nameMatching("setDefault(SSLContext|HostnameVerifier|SSLSocketFactory)?")))
                .orShould()
                .callMethod(System.class, "setProperty", String.class, String.class)
                .check(PLUGIN);
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ROOT + ".pve.http.TlsStrategyFactory")
                .should()
                .callMethodWhere(
                        target(owner(assignableTo("javax.net.ssl.SSLContext"))).and(target(name("init"))))
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.apache.hc.client5.http.ssl.NoopHostnameVerifier")
                .check(PLUGIN);
    }

    /** {@code jenkins/unsafe-classes}, and what else reads code or objects from texts. */
    @Test
    void nothingInterpretsATextAsCodeOrAsObjects() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "groovy..",
                        "javax.script..",
                        "javax.xml..",
                        "org.xml.sax..",
                        "org.w3c.dom..",
                        "org.apache.commons.digester..",
                        "org.apache.commons.digester3..",
                        "org.apache.commons.jelly..",
                        "javaposse.jobdsl..",
                        "com.thoughtworks.xstream..",
                        "java.lang.invoke.serialized..",
                        "java.rmi..",
                        "javax.naming.."))
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("hudson.ExpressionFactory2")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("hudson.util.spring.BeanBuilder")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("hudson.util.XStream2")
                .orShould()
                .dependOnClassesThat(assignableTo("java.io.ObjectInputStream"))
                .orShould()
                .callMethodWhere(target(owner(assignableTo(Class.class))).and(target(name("forName"))))
                .orShould()
                .callMethodWhere(target(name("setAccessible")))
                .orShould()
                .callMethodWhere(target(nameMatching("activateDefaultTyping.*|enableDefaultTyping.*")))
                .check(PLUGIN);
    }

    /** Only in a few places does the controller itself act, rather than the user or the job. */
    @Test
    void theControllerActsItselfWhereThatWasReviewed() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ROOT + ".lease.BuildReference")
                .and()
                .resideOutsideOfPackage(ROOT + ".server")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("hudson.security.ACL")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("hudson.security.ACLContext")
                .check(PLUGIN);
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".server", ROOT + ".credentials")
                .should()
                .callMethodWhere(target(name("getPlainText")))
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("hudson.util.Secret")
                .check(PLUGIN);
    }

    /** {@code jenkins/csrf}, without a Jenkins: a verb at each method that looks like one for the web. */
    @Test
    void eachMethodForTheWebNamesItsVerb() {
        methods()
                .that(new DescribedPredicate<JavaMethod>("are for the web") {
                    @Override
                    public boolean test(JavaMethod method) {
                        return method.getModifiers().contains(JavaModifier.PUBLIC)
                                && method.getName().matches("(do|js)[A-Z].*")
                                && !method.getModifiers().contains(JavaModifier.SYNTHETIC);
                    }
                })
                .should()
                .beAnnotatedWith("org.kohsuke.stapler.verb.POST")
                .orShould()
                .beAnnotatedWith("org.kohsuke.stapler.verb.GET")
                .check(PLUGIN);
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.kohsuke.stapler.bind.JavaScriptMethod")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.kohsuke.stapler.WebMethod")
                .orShould()
                .dependOnClassesThat(assignableTo("hudson.model.RootAction"))
                .orShould()
                .dependOnClassesThat(assignableTo("hudson.model.UnprotectedRootAction"))
                .orShould()
                .dependOnClassesThat(assignableTo("hudson.security.csrf.CrumbExclusion"))
                .check(PLUGIN);
    }

    // -------------------------------------------------------------------------------------------- views and scripts

    @Test
    void eachViewEscapesByDefault() throws IOException {
        List<Path> views = files(RESOURCES, ".jelly");
        assertThat(views.size(), is(greaterThan(40)));
        for (Path view : views) {
            assertThat(
                    view.toString(), Files.readString(view).startsWith("<?jelly escape-by-default='true'?>"), is(true));
        }
        assertThat(files(RESOURCES, ".groovy"), is(empty()));
    }

    @Test
    void noViewWritesTextWithoutEscapingIt() throws IOException {
        assertThat(
                linesOf(
                        RESOURCES,
                        ".jelly",
                        ".*(<(j|st):out\\b|rawHtml|escapeText|escape=\"false\"|encode=\"false\").*"),
                is(empty()));
        assertThat(linesOf(RESOURCES, ".jelly", ".*\\$\\{(h|it)\\.\\w*[mM]arkup.*"), is(empty()));
    }

    /** The Content Security Policy of Jenkins runs no script that stands in a page. */
    @Test
    void noViewHasAScriptInIt() throws IOException {
        for (String ending : List.of(".jelly", ".html", ".svg")) {
            assertThat(linesOf(RESOURCES, ending, ".*<script(?![^>]*\\bsrc=).*"), is(empty()));
            assertThat(linesOf(RESOURCES, ending, ".*\\s(?i:on[a-z]+)\\s*=\\s*[\"'].*"), is(empty()));
            assertThat(linesOf(RESOURCES, ending, "(?i).*javascript:.*"), is(empty()));
            assertThat(
                    linesOf(RESOURCES, ending, ".*(\\bcheckUrl=|<st:bind\\b|<f:invisibleEntry.*eval).*"), is(empty()));
        }
    }

    /** Two places put HTML into a page: what the controller has rendered, and escaped, for that. */
    @Test
    void scriptsBuildPagesOfText() throws IOException {
        String parser = ".*(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\\.write).*";
        List<String> found = linesOf(RESOURCES, ".js", parser);
        assertThat(
                found.stream()
                        .filter(line -> !line.endsWith("// escaped by the controller"))
                        .toList(),
                is(empty()));
        assertThat(found.size(), is(2));
        assertThat(
                linesOf(RESOURCES, ".js", ".*(\\beval\\(|new Function\\(|set(Timeout|Interval)\\(\\s*[\"'`]).*"),
                is(empty()));
    }

    private static List<Path> files(Path below, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(below)) {
            return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    /** The lines that match, with their files. */
    private static List<String> linesOf(Path below, String ending, String regex) throws IOException {
        Pattern pattern = Pattern.compile(regex);
        List<String> found = new ArrayList<>();
        for (Path file : files(below, ending)) {
            try (Stream<String> lines = Files.lines(file)) {
                lines.map(pattern::matcher)
                        .filter(Matcher::matches)
                        .forEach(line -> found.add(file + ": " + line.group()));
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
        return found;
    }
}
