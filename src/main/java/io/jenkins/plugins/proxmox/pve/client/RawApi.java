package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.Redaction;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;

/** Any call of the API. Does not check who may make it. */
public final class RawApi {

    /** Characters of texts and names: an answer is saved with the build, each time that the build saves its state. */
    private static final int LONGEST_ANSWER = 2_000_000;

    private final ProxmoxClient client;

    RawApi(ProxmoxClient client) {
        this.client = client;
    }

    /**
     * The {@code data} of the answer as plain values: maps, lists, texts, numbers, booleans and null. Secrets of this
     * client are replaced in it.
     *
     * @throws AnswerTooLargeException when it has too many values; a write was carried out then
     */
    @CheckForNull
    public Serializable answer(ApiRequest request) throws ProxmoxException {
        JsonNode data = client.call(request, (json, date) -> json);
        return new Values(request, client.secrets()).of(data);
    }

    /** Proxmox VE answered well, but with more than can be kept. */
    public static final class AnswerTooLargeException extends ProxmoxException {
        private static final long serialVersionUID = 1L;

        private AnswerTooLargeException(ApiRequest request) {
            super(
                    MessageBundle.sentences(
                            Texts.of("answer.too-large", request, LONGEST_ANSWER),
                            request.isWrite() ? Texts.of("answer.too-large.write") : ""),
                    null);
        }

        /** False: a write was carried out, about which there is no doubt. */
        @Override
        public boolean mayHaveBeenExecuted() {
            return false;
        }

        @Override
        public boolean mayPass() {
            return false;
        }
    }

    /** Turns JSON into plain values, up to a size. */
    private static final class Values {

        private final ApiRequest request;
        private final Redaction redaction;
        private int size;

        Values(ApiRequest request, Redaction redaction) {
            this.request = request;
            this.redaction = redaction;
        }

        @CheckForNull
        Serializable of(JsonNode json) throws AnswerTooLargeException {
            add(8);
            if (json.isObject()) {
                LinkedHashMap<String, Serializable> map = new LinkedHashMap<>();
                for (var field : json.properties()) {
                    map.put(text(field.getKey()), of(field.getValue()));
                }
                return map;
            }
            if (json.isArray()) {
                ArrayList<Serializable> list = new ArrayList<>();
                for (JsonNode element : json) {
                    list.add(of(element));
                }
                return list;
            }
            if (json.isNumber()) {
                return json.numberValue();
            }
            if (json.isBoolean()) {
                return json.booleanValue();
            }
            return json.isTextual() ? text(json.textValue()) : null;
        }

        private String text(String text) throws AnswerTooLargeException {
            add(text.length());
            return redaction.of(text);
        }

        private void add(int more) throws AnswerTooLargeException {
            size += more;
            if (size > LONGEST_ANSWER) {
                throw new AnswerTooLargeException(request);
            }
        }
    }
}
