package io.jenkins.plugins.proxmox.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import hudson.model.Descriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jenkinsci.plugins.structs.describable.DescribableModel;
import org.jenkinsci.plugins.structs.describable.DescribableParameter;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.verb.POST;

/** What holds for each form of the plugin, also for those that are still to come. */
class EveryFieldTest {

    private static final String PLUGIN = "io.jenkins.plugins.proxmox";

    /** Fields that are shown by other plugins, for all kinds of credentials alike. */
    private static final Set<String> OF_OTHERS = Set.of("id", "description", "scope", "credentialsId");

    @Test
    @WithJenkins
    void hasHelp(JenkinsRule jenkins) throws Exception {
        Set<String> helpless = new TreeSet<>();
        List<String> seen = new ArrayList<>();
        try (JenkinsRule.WebClient browser = jenkins.createWebClient()) {
            browser.executeOnServer(() -> {
                for (Descriptor<?> form : jenkins.jenkins.getExtensionList(Descriptor.class)) {
                    if (!form.clazz.getName().startsWith(PLUGIN) || !isMadeOfFields(form.clazz)) {
                        continue;
                    }
                    boolean ofOthers = form.clazz.getName().contains(".credentials.");
                    for (DescribableParameter field :
                            DescribableModel.of(form.clazz).getParameters()) {
                        seen.add(field.getName());
                        boolean ours = !ofOthers || !OF_OTHERS.contains(field.getName());
                        if (ours && form.getHelpFile(field.getName()) == null) {
                            helpless.add(form.clazz.getSimpleName() + "." + field.getName());
                        }
                    }
                }
                return null;
            });
        }
        assertThat(helpless, is(Set.of()));
        assertThat(seen.size(), is(greaterThan(60)));
    }

    private static boolean isMadeOfFields(Class<?> type) {
        return Arrays.stream(type.getConstructors())
                .anyMatch(constructor -> constructor.isAnnotationPresent(DataBoundConstructor.class));
    }

    @Test
    void isFilledAndCheckedByPostOnly() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .haveNameMatching(".*(DescriptorImpl|GuestForm)")
                .and()
                .haveNameMatching("do[A-Z].*")
                .should()
                .beAnnotatedWith(POST.class)
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages(PLUGIN));
    }
}
