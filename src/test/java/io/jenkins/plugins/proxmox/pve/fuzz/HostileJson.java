package io.jenkins.plugins.proxmox.pve.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;

/** Answers of Proxmox VE in which values, fields or characters are not what they should be. */
public final class HostileJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String[] VALUES = {
        "null",
        "true",
        "false",
        "\"\"",
        "\"text\"",
        "\"100\"",
        "\"1\"",
        "0",
        "1",
        "-1",
        "100",
        "2147483648",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551716",
        "1e400",
        "-1e400",
        "1.5",
        "1e18",
        "31556889864403200",
        "\"31556889864403200\"",
        "\"1e999999999\"",
        "[]",
        "{}",
        "[[]]",
        "[null]",
        "[1,\"a\",{}]",
        "{\"a\":1}",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"a\\u001b[8mha:b\"",
        "\"a\\nb\\r\\nc\"",
        "\"\\u202e\"",
        "\"<script>\"",
        "\"../..\"",
        "\"running\"",
        "\"stopped\"",
        "\"qemu\"",
        "\"lxc\"",
        "\"current\"",
        "[".repeat(900) + "]".repeat(900),
        "\"" + "x".repeat(3000) + "\""
    };

    private static final String[] FIELDS = {
        "vmid", "name", "data", "/vms/", "ip-addresses", "message", "errors", "a\u001bb"
    };

    private HostileJson() {}

    /** Bodies of answers near those of the corpus {@code answers}, most of them still JSON. */
    public static Arbitrary<String> bodies() {
        List<JsonNode> answers =
                HostileText.corpus("answers").stream().map(HostileJson::tree).toList();
        List<String> errors = HostileText.corpus("errors");
        return HostileText.text(random -> {
            ObjectNode answer = answers.get(random.nextInt(answers.size())).deepCopy();
            for (int edits = random.nextInt(5); edits > 0; edits--) {
                String value = random.nextInt(5) == 0
                        ? quoted(HostileText.edited(random, errors.get(random.nextInt(errors.size()))))
                        : VALUES[random.nextInt(VALUES.length)];
                change(random, answer, value);
            }
            String body = answer.toString();
            return random.nextInt(7) == 0 ? HostileText.edited(random, body, VALUES) : body;
        });
    }

    private static void change(Random random, ObjectNode answer, String value) {
        List<ContainerNode<?>> containers = new ArrayList<>();
        collect(answer, containers);
        ContainerNode<?> container = containers.get(random.nextInt(containers.size()));
        JsonNode replacement = new POJONode(new RawValue(value));
        boolean removes = random.nextInt(5) == 0;
        boolean adds = random.nextInt(5) == 0;
        if (container instanceof ArrayNode array) {
            if (array.isEmpty() || adds) {
                array.add(replacement);
            } else if (removes) {
                array.remove(random.nextInt(array.size()));
            } else {
                array.set(random.nextInt(array.size()), replacement);
            }
            return;
        }
        ObjectNode object = (ObjectNode) container;
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        if (names.isEmpty() || adds) {
            object.set(FIELDS[random.nextInt(FIELDS.length)], replacement);
        } else if (removes) {
            object.remove(names.get(random.nextInt(names.size())));
        } else {
            object.set(names.get(random.nextInt(names.size())), replacement);
        }
    }

    private static void collect(JsonNode node, List<ContainerNode<?>> containers) {
        if (node instanceof ContainerNode<?> container) {
            containers.add(container);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The text as JSON. */
    public static String quoted(String text) {
        try {
            return JSON.writeValueAsString(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
