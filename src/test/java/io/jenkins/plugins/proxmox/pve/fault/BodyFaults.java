package io.jenkins.plugins.proxmox.pve.fault;

import static io.jenkins.plugins.proxmox.pve.fault.FaultKind.afterwards;
import static io.jenkins.plugins.proxmox.pve.fault.WireFaults.bodyOf;
import static io.jenkins.plugins.proxmox.pve.fault.WireFaults.withLength;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.proxmox.pve.fault.FaultKind.Ending;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What goes wrong with the text of an answer that arrives whole, from Proxmox VE as it seems. */
public final class BodyFaults {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final JsonNodeFactory NEW = JsonNodeFactory.instance;

    private BodyFaults() {}

    public static List<FaultKind> all() {
        List<FaultKind> kinds = new ArrayList<>();
        kinds.add(body("an empty body", ""));
        kinds.add(body("not JSON", "data: running"));
        kinds.add(body("half of the JSON", "{\"data\":{\"status\":"));
        kinds.add(body("a login page", "<!DOCTYPE html><html><body><form action=\"/login\"></form></body></html>"));
        kinds.add(body("a number", "7"));
        kinds.add(body("a list", "[]"));
        kinds.add(body("null", "null"));
        kinds.add(body("no data", "{}"));
        kinds.add(body("data that is null", "{\"data\":null}"));
        kinds.add(body("data that is true", "{\"data\":true}"));
        kinds.add(body("data that is a text", "{\"data\":\"running\"}"));
        kinds.add(body("data that is a number beyond any", "{\"data\":1e999999999}"));
        kinds.add(body("data that is an empty list", "{\"data\":[]}"));
        kinds.add(body("data that is an empty object", "{\"data\":{}}"));
        kinds.add(body("a list of lists", "{\"data\":[[],[[]],null,7,\"x\"]}"));
        kinds.add(body("deep nesting", "{\"data\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}"));
        kinds.add(body("deep nesting of objects", "{\"data\":" + "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_001)));
        kinds.add(body("a UPID of nobody", "{\"data\":\"UPID:::::::::\"}"));
        kinds.add(body("a very long number", "{\"data\":" + "9".repeat(50_000) + "}"));
        kinds.add(afterwards("invalid UTF-8", Ending.SUCCESS_OR_ERROR, (answer, out) -> {
            byte[] body = bodyOf(answer);
            byte[] bytes = new byte[body.length];
            for (int i = 0; i < body.length; i++) {
                bytes[i] = body[i] >= 'a' && body[i] <= 'z' && i % 5 == 0 ? (byte) 0xff : body[i];
            }
            out.write(withLength(answer, bytes.length, bytes));
        }));
        kinds.add(afterwards("a byte order mark", Ending.SUCCESS_OR_ERROR, (answer, out) -> {
            byte[] body = bodyOf(answer);
            out.write(withLength(answer, body.length + 3, new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}));
            out.write(body);
        }));
        kinds.add(changed("fields that nobody knows", Ending.SUCCESS, BodyFaults::withMoreFields));
        kinds.add(changed("numbers as texts", Ending.SUCCESS, BodyFaults::numbersAsTexts));
        kinds.add(changed("texts as numbers", Ending.SUCCESS_OR_ERROR, BodyFaults::textsAsNumbers));
        kinds.add(changed("numbers that are negative", Ending.SUCCESS_OR_ERROR, BodyFaults::negative));
        kinds.add(changed("every value null", Ending.SUCCESS_OR_ERROR, BodyFaults::allNull));
        kinds.add(changed("every value a list", Ending.SUCCESS_OR_ERROR, BodyFaults::allLists));
        for (String field : List.of(
                "status",
                "vmid",
                "type",
                "node",
                "name",
                "upid",
                "exitstatus",
                "qmpstatus",
                "uptime",
                "user",
                "id",
                "starttime",
                "description",
                "digest",
                "t",
                "n",
                "pid",
                "result",
                "out-data",
                "exited")) {
            kinds.add(changed("without " + field, Ending.SUCCESS_OR_ERROR, data -> without(data, field)));
        }
        return kinds;
    }

    private static FaultKind body(String name, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return afterwards(
                name, Ending.SUCCESS_OR_ERROR, (answer, out) -> out.write(withLength(answer, bytes.length, bytes)));
    }

    private static FaultKind changed(String name, Ending ending, UnaryOperator<JsonNode> change) {
        return afterwards(name, ending, (answer, out) -> {
            ObjectNode envelope = (ObjectNode) JSON.readTree(bodyOf(answer));
            if (envelope.has("data")) {
                envelope.set("data", change.apply(envelope.get("data")));
            }
            byte[] bytes = JSON.writeValueAsBytes(envelope);
            out.write(withLength(answer, bytes.length, bytes));
        });
    }

    /** The same data with other values, at any depth. */
    private static JsonNode each(JsonNode data, UnaryOperator<JsonNode> value) {
        if (data.isObject()) {
            ObjectNode changed = NEW.objectNode();
            data.properties().forEach(field -> changed.set(field.getKey(), each(field.getValue(), value)));
            return changed;
        }
        if (data.isArray()) {
            ArrayNode changed = NEW.arrayNode();
            data.forEach(element -> changed.add(each(element, value)));
            return changed;
        }
        return value.apply(data);
    }

    private static JsonNode withMoreFields(JsonNode data) {
        if (data.isObject()) {
            ObjectNode changed = NEW.objectNode();
            changed.putArray("unheard-of").addObject().put("status", 7);
            data.properties().forEach(field -> changed.set(field.getKey(), withMoreFields(field.getValue())));
            changed.putObject("zzz").putNull("data");
            return changed;
        }
        if (data.isArray()) {
            ArrayNode changed = NEW.arrayNode();
            data.forEach(element -> changed.add(withMoreFields(element)));
            return changed;
        }
        return data;
    }

    private static JsonNode without(JsonNode data, String field) {
        if (data.isObject()) {
            ObjectNode changed = NEW.objectNode();
            data.properties().forEach(each -> changed.set(each.getKey(), without(each.getValue(), field)));
            changed.remove(field);
            return changed;
        }
        if (data.isArray()) {
            ArrayNode changed = NEW.arrayNode();
            data.forEach(element -> changed.add(without(element, field)));
            return changed;
        }
        return data;
    }

    private static JsonNode numbersAsTexts(JsonNode data) {
        return each(data, value -> value.isNumber() ? NEW.textNode(value.asText()) : value);
    }

    private static JsonNode textsAsNumbers(JsonNode data) {
        return each(
                data, value -> value.isTextual() ? NEW.numberNode(value.asText().length()) : value);
    }

    private static JsonNode negative(JsonNode data) {
        return each(data, value -> value.isNumber() ? NEW.numberNode(-1 - value.asLong()) : value);
    }

    private static JsonNode allNull(JsonNode data) {
        return each(data, value -> NEW.nullNode());
    }

    private static JsonNode allLists(JsonNode data) {
        return each(data, value -> NEW.arrayNode().add(value));
    }
}
