package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;

/**
 * The parameters of a request to the simulated server, checked by the rules of PVE::JSONSchema. Whatever is wrong is
 * collected and told at once.
 */
final class RequestParameters {

    private final Map<String, String> given;
    private final ObjectNode errors = JsonNodeFactory.instance.objectNode();

    RequestParameters(Map<String, String> given) {
        this.given = given;
    }

    /** Those parameters are all that the call knows. */
    RequestParameters allow(Set<String> known) {
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                unknown(name);
            }
        }
        return this;
    }

    RequestParameters unknown(String name) {
        return wrong(name, "property is not defined in schema and the schema does not allow additional properties");
    }

    /** The number of a guest (pve-vmid). */
    RequestParameters vmid(String name) {
        String value = given.get(name);
        if (value != null && !value.matches("-?\\d+")) {
            wrong(name, "type check ('integer') failed - got '" + value + "'");
        } else if (value != null && !value.matches("[1-9]\\d{2,8}")) {
            wrong(name, "invalid format - value does not look like a valid VM ID\n");
        }
        return this;
    }

    RequestParameters require(String name) {
        if (!given.containsKey(name)) {
            wrong(name, "property is missing and it is not optional");
        }
        return this;
    }

    RequestParameters booleans(String... names) {
        for (String name : names) {
            String value = given.getOrDefault(name, "0");
            if (!value.matches("[01]")) {
                wrong(name, "type check ('boolean') failed - got '" + value + "'");
            }
        }
        return this;
    }

    RequestParameters integers(String... names) {
        for (String name : names) {
            String value = given.getOrDefault(name, "0");
            if (!value.matches("-?\\d+")) {
                wrong(name, "type check ('integer') failed - got '" + value + "'");
            }
        }
        return this;
    }

    /** The name of a snapshot or pool (pve-configid), which may also come from the path. */
    RequestParameters configurationId(String name, String value) {
        if (value != null && !value.matches("(?i)[a-z][a-z0-9_-]+")) {
            wrong(name, "invalid format - invalid configuration ID '" + value + "'\n");
        } else {
            longest(name, value, 40);
        }
        return this;
    }

    RequestParameters longest(String name, String value, int characters) {
        if (value != null && value.length() > characters) {
            wrong(name, "value may only be " + characters + " characters long");
        }
        return this;
    }

    RequestParameters wrong(String name, String error) {
        errors.put(name, error);
        return this;
    }

    /** Refuses the request if anything was wrong. */
    void check() {
        if (!errors.isEmpty()) {
            throw Refusal.parameters(errors);
        }
    }

    boolean has(String name) {
        return given.containsKey(name);
    }

    String get(String name) {
        return given.get(name);
    }

    String get(String name, String otherwise) {
        return given.getOrDefault(name, otherwise);
    }

    boolean isSet(String name) {
        return "1".equals(given.get(name));
    }
}
