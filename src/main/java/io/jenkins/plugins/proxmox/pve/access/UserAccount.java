package io.jenkins.plugins.proxmox.pve.access;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.model.JsonChecks;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * A user as stored on the server.
 *
 * @param userId {@code user@realm}
 * @param expires when the account expires, or null when it never does
 * @param tokens the user's tokens by name; empty where the server lists users without them
 */
public record UserAccount(String userId, @Nullable Instant expires, Map<String, Token> tokens) {

    /**
     * One of the user's tokens.
     *
     * @param separated whether it has privilege separation, so only its own rights; otherwise it has all rights of its
     *     user
     * @param expires when it expires, or null when it never does
     */
    public record Token(boolean separated, @Nullable Instant expires) {}

    public UserAccount {
        tokens = Map.copyOf(tokens);
    }

    /** Reads an entry of the list of users. */
    public static UserAccount listed(JsonNode json) {
        return from(SafeText.singleLine(JsonChecks.requireText("userid", json)), json);
    }

    /** Reads the answer for a single user. */
    public static UserAccount from(String userId, JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException(Texts.of("answer.no-user"));
        }
        Map<String, Token> tokens = new TreeMap<>();
        json.path("tokens").properties().stream()
                .filter(token -> token.getValue().isObject())
                .forEach(token -> tokens.put(
                        SafeText.singleLine(token.getKey()),
                        new Token(token.getValue().path("privsep").asInt(1) == 1, expiry(token.getValue()))));
        return new UserAccount(userId, expiry(json), tokens);
    }

    /** 0 means never (PVE::AccessControl). */
    @Nullable
    private static Instant expiry(JsonNode json) {
        return JsonChecks.time("expire", json);
    }
}
