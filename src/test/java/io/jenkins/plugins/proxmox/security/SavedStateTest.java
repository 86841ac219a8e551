package io.jenkins.plugins.proxmox.security;

import static java.util.Map.entry;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import hudson.model.Action;
import hudson.model.Describable;
import hudson.model.ManagementLink;
import hudson.remoting.ClassFilter;
import hudson.remoting.ObjectInputStreamEx;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.build.ControllerSignature;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.model.DiskSize;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.sequence.FixedSequence;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jenkins.model.GlobalConfiguration;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/**
 * Each class of this plugin that is saved (with a job, a build, a running Pipeline, the configuration, or the list of
 * leases) holds plain values, so that a file cannot bring anything else to life, and no secret in clear. A new one, or a
 * field of another type, fails the build until somebody has thought about it.
 */
class SavedStateTest {

    private static final String TABLE = "saved-classes.txt";

    private static final Set<Class<?>> PLAIN = Set.of(
            boolean.class,
            int.class,
            long.class,
            double.class,
            Boolean.class,
            Integer.class,
            Long.class,
            String.class,
            Instant.class,
            Duration.class);

    private static final Set<Class<?>> CONTAINERS =
            Set.of(List.class, ArrayList.class, Set.class, SortedSet.class, Map.class, TreeMap.class);

    /** The list of leases is JSON. Its fields lead from a LeaseEntry to these, and to others that are serializable. */
    private static final Set<String> LEASES =
            Set.of("LeaseEntry", "Lease", "LeaseTerms", "BuildReference", "ReturnDuty");

    /** Fields that could hold something else, each with why they do not, or why that does no harm. */
    private static final Map<String, String> REVIEWED = Map.ofEntries(
            entry("ProxmoxApiToken.secret", "a Secret, which is encrypted"),
            entry("ApiCallState.answer", "the answer to a call: RawApi makes maps, lists, texts and numbers of it"),
            entry("RemovalTerms.signer", "ControllerSignature, which has no fields: the key is not in it"),
            entry("ProxmoxApiStep.parameters", "of the step, which is not saved; ApiCall has texts"),
            entry("ProxmoxExecStep.command", "of the step, which is not saved; GuestCommand has texts"),
            entry("ProxmoxExecStep.shell", "of the step, which is not saved; GuestCommand has texts"),
            entry("WithProxmoxVmExecution.body", "of the Pipeline itself"),
            entry("WithProxmoxVmExecution.failure", "one that Jenkins itself saves, or a ProxyException of it"),
            entry("Execution.stopped", "why the step was stopped, by Jenkins itself"));

    /** Those with a way of their own to come to life, each with what that does. */
    private static final Set<String> COME_TO_LIFE =
            Set.of("ProxmoxServer.readResolve fills in fields that are missing");

    private static List<Class<?>> saved() throws Exception {
        List<Class<?>> saved = new ArrayList<>();
        for (Class<?> type : WebMethods.classes()) {
            boolean isSaved = Serializable.class.isAssignableFrom(type)
                    || Describable.class.isAssignableFrom(type)
                    || Action.class.isAssignableFrom(type)
                    || GlobalConfiguration.class.isAssignableFrom(type)
                    || LEASES.contains(type.getSimpleName())
                    || type.getSimpleName().equals("TimelineEntry");
            boolean isPage = ManagementLink.class.isAssignableFrom(type);
            if (isSaved && !isPage && !type.isEnum() && !type.isInterface() && !Enum.class.isAssignableFrom(type)) {
                saved.add(type);
            }
        }
        return saved;
    }

    private static boolean isKnown(Type type, Set<Class<?>> saved) {
        if (type instanceof ParameterizedType container) {
            return CONTAINERS.contains(container.getRawType())
                    && Stream.of(container.getActualTypeArguments()).allMatch(each -> isKnown(each, saved));
        }
        if (!(type instanceof Class<?> plain)) {
            return false;
        }
        if (plain.isArray()) {
            return isKnown(plain.getComponentType(), saved);
        }
        return PLAIN.contains(plain)
                || plain.isEnum()
                || plain == GuestOperation.class
                || plain == OperationSequence.class
                || saved.contains(plain) && (Modifier.isFinal(plain.getModifiers()) || plain.isRecord());
    }

    private static String name(Class<?> owner, String member) {
        return owner.getSimpleName() + "." + member;
    }

    @Test
    void isInTheTable() throws Exception {
        Set<String> names = new TreeSet<>();
        saved().forEach(type -> names.add(type.getName().substring(WebMethods.ROOT.length() + 1)));
        assertThat("classes that can be saved, as in " + TABLE, names, is(table()));
    }

    private static Set<String> table() throws Exception {
        try (InputStream table = SavedStateTest.class.getResourceAsStream(TABLE)) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void holdsPlainValues() throws Exception {
        Set<Class<?>> saved = Set.copyOf(saved());
        Set<String> reviewed = new TreeSet<>(REVIEWED.keySet());
        Set<String> open = new TreeSet<>();
        for (Class<?> type : saved) {
            for (Field field : type.getDeclaredFields()) {
                int modifiers = field.getModifiers();
                if (!Modifier.isStatic(modifiers)
                        && !Modifier.isTransient(modifiers)
                        && !field.isSynthetic()
                        && !isKnown(field.getGenericType(), saved)
                        && !reviewed.remove(name(type, field.getName()))) {
                    open.add(name(type, field.getName()) + " is a " + field.getGenericType());
                }
            }
        }
        assertThat("fields that may hold more than plain values", open, is(empty()));
        assertThat("fields that were reviewed and are gone", reviewed, is(empty()));
    }

    /** Otherwise an interface would be a door for any class. */
    @Test
    void hasAllImplementationsOfItsInterfaces() throws Exception {
        List<Class<?>> saved = saved();
        for (Class<?> type : WebMethods.classes()) {
            if ((GuestOperation.class.isAssignableFrom(type) || OperationSequence.class.isAssignableFrom(type))
                    && !type.isInterface()) {
                assertThat(type.getName(), type.isRecord() && saved.contains(type), is(true));
            }
        }
    }

    @Test
    void runsNoCodeOfItsOwnWhenItIsRead() throws Exception {
        Set<String> found = new TreeSet<>();
        for (Class<?> type : saved()) {
            for (Method method : type.getDeclaredMethods()) {
                if (method.getName()
                        .matches(
                                "readResolve|readObject|readObjectNoData|readExternal|writeReplace|writeObject|finalize")) {
                    found.add(name(type, method.getName()));
                }
            }
        }
        Set<String> reviewed = new TreeSet<>();
        COME_TO_LIFE.forEach(each -> reviewed.add(each.substring(0, each.indexOf(' '))));
        assertThat(found, is(reviewed));
    }

    /** The secret of a token is the one secret that this plugin saves, in the store of the Credentials plugin. */
    @Test
    void holdsASecretInOnePlaceAndEncrypted() throws Exception {
        Set<String> secrets = new TreeSet<>();
        for (Class<?> type : saved()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getType() == Secret.class) {
                    secrets.add(name(type, field.getName()));
                }
                boolean authenticates = field.getType().getName().startsWith(WebMethods.ROOT + ".pve.client.")
                        && !Serializable.class.isAssignableFrom(field.getType());
                assertThat(
                        name(type, field.getName()) + " is saved",
                        authenticates && !Modifier.isTransient(field.getModifiers()),
                        is(false));
            }
        }
        assertThat(secrets, is(Set.of("ProxmoxApiToken.secret")));
    }

    /** JEP-200: Jenkins refuses to read classes that nobody has vouched for. None of these is one. */
    @Test
    @WithJenkins
    void isReadAgainByAControllerThatIsStrict(JenkinsRule rule) throws Exception {
        List<String> tried = new ArrayList<>();
        for (Class<?> type : saved()) {
            if (!type.isRecord()) {
                continue;
            }
            Object example = example(type, "");
            if (example instanceof Serializable) {
                assertThat(type.getName(), throughSerialization(example), is(example));
                tried.add(type.getSimpleName());
            }
        }
        assertThat(tried.size(), is(greaterThan(30)));
    }

    private static byte[] bytes(Object object) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    private static Object throughSerialization(Object object) throws Exception {
        try (ObjectInputStreamEx in = new ObjectInputStreamEx(
                new ByteArrayInputStream(bytes(object)), SavedStateTest.class.getClassLoader(), ClassFilter.DEFAULT)) {
            return in.readObject();
        }
    }

    private static final Deque<Class<?>> BEGUN = new ArrayDeque<>();

    /** A value that the class accepts, for a component of that name. */
    private static Object example(Type type, String name) throws Exception {
        if (type instanceof ParameterizedType container) {
            Type[] of = container.getActualTypeArguments();
            if (container.getRawType() == List.class && BEGUN.contains(of[0])) {
                // of itself
                return List.of();
            }
            if (container.getRawType() == Map.class) {
                return new TreeMap<>(Map.of("cores", example(of[1], name)));
            }
            Object element = example(of[0], name);
            return container.getRawType() == List.class
                    ? List.of(element)
                    : new TreeSet<>(List.of((Comparable<?>) element));
        }
        Class<?> plain = (Class<?>) type;
        if (plain == String.class) {
            return switch (name) {
                case "node" -> "pve1";
                case "host" -> "pve1.example.org";
                case "hex", "fingerprint" -> "00".repeat(32);
                case "sshKeys" -> "ssh-ed25519 AAAA";
                case "ipConfig" -> "ip=dhcp";
                default -> "clean";
            };
        }
        if (plain == boolean.class || plain == Boolean.class) {
            return false;
        }
        if (plain == int.class || plain == Integer.class) {
            return 100;
        }
        if (plain == long.class || plain == Long.class) {
            return 100L;
        }
        if (plain == double.class) {
            return 0.5;
        }
        if (plain == Instant.class) {
            return Instant.ofEpochSecond(1_700_000_000);
        }
        if (plain == Duration.class) {
            return Duration.ofSeconds(30);
        }
        if (plain == GuestOperation.class) {
            return new PowerOperation(PowerAction.START);
        }
        if (plain == OperationSequence.class) {
            return example(FixedSequence.class, name);
        }
        if (plain == Upid.class) {
            return Upid.parse("UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:jenkins@pve!ci:");
        }
        if (plain == DiskSize.class) {
            return DiskSize.require("32G");
        }
        if (plain == Availability.class) {
            return Availability.RUNNING;
        }
        if (plain == CloneMark.Signer.class) {
            return new ControllerSignature();
        }
        if (plain == Serializable.class || plain == Object.class) {
            return "clean";
        }
        if (plain.isEnum()) {
            return plain.getEnumConstants()[0];
        }
        return exampleOf(plain);
    }

    private static Object exampleOf(Class<?> record) throws Exception {
        RecordComponent[] components = record.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        BEGUN.push(record);
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = example(components[i].getGenericType(), components[i].getName());
        }
        BEGUN.pop();
        Constructor<?> constructor = record.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        InvocationTargetException refusal = null;
        // some components exclude each other: leave out as few as possible, the last ones first
        for (int leftOut = 0; leftOut < 1 << Math.min(components.length, 10); leftOut++) {
            Object[] some = values.clone();
            for (int i = 0; i < components.length; i++) {
                int fromEnd = components.length - 1 - i;
                if (fromEnd < 10 && (leftOut >> fromEnd & 1) == 1 && !types[i].isPrimitive()) {
                    some[i] = null;
                }
            }
            try {
                return constructor.newInstance(some);
            } catch (InvocationTargetException e) {
                refusal = e;
            }
        }
        throw new AssertionError("no example of " + record, refusal);
    }
}
