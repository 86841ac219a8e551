package io.jenkins.plugins.proxmox.security;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jvnet.hudson.test.JenkinsRule;
import org.kohsuke.stapler.Dispatcher;
import org.kohsuke.stapler.WebApp;

/** What Stapler makes reachable of the classes of this plugin, by its own account. */
final class WebMethods {

    static final String ROOT = "io.jenkins.plugins.proxmox";

    /** A method, getter or field that a URL reaches. */
    private static final Pattern REACHED = Pattern.compile("(?:(?:class |interface )?[\\w.$\\[;]+ )?("
            + Pattern.quote(ROOT) + "[\\w.$]*)[.#](\\w+)(?:\\(.*\\))? for url=/([^/]*)/.*");

    /**
     * @param type the class of the object whose URL it is below
     * @param owner the class that declares it
     * @param token the part of the URL that stands for it
     */
    record Reached(Class<?> type, String owner, String member, String token) {

        /** {@code ProxmoxServer.DescriptorImpl#doCheckName}. */
        String key() {
            String name = owner.substring(owner.lastIndexOf('.') + 1).replace('$', '.');
            return name + "#" + member;
        }

        boolean isAction() {
            return member.startsWith("do");
        }
    }

    private WebMethods() {}

    /** All classes of the plugin. */
    static List<Class<?>> classes() throws ClassNotFoundException {
        List<Class<?>> classes = new ArrayList<>();
        for (var each : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ROOT)) {
            classes.add(Class.forName(each.getName(), false, WebMethods.class.getClassLoader()));
        }
        classes.sort(Comparator.comparing(Class::getName));
        return classes;
    }

    /**
     * All that is reached below an object of each class. What the core declares is for the core to protect. Stapler tells
     * it only while it answers a request.
     */
    static Map<Class<?>, List<Reached>> all(JenkinsRule rule, String login) throws Exception {
        try (JenkinsRule.WebClient browser = rule.createWebClient().login(login)) {
            return browser.executeOnServer(() -> {
                Map<Class<?>, List<Reached>> all = new LinkedHashMap<>();
                for (Class<?> type : classes()) {
                    all.put(type, of(type));
                }
                return all;
            });
        }
    }

    private static List<Reached> of(Class<?> type) {
        List<Reached> found = new ArrayList<>();
        for (Dispatcher dispatcher : WebApp.getCurrent().getMetaClass(type).dispatchers) {
            Matcher reached = REACHED.matcher(dispatcher.toString());
            if (reached.matches()) {
                found.add(new Reached(type, reached.group(1), reached.group(2), reached.group(3)));
            }
        }
        return found;
    }
}
