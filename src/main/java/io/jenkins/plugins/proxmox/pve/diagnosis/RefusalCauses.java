package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.ErrorAnswer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the cause in the text of a refusal. Up to the end of 2025, every 401 had such a text (PVE::AccessControl writes
 * them); since then, most are hidden behind {@code Authentication failed!}.
 */
final class RefusalCauses {

    private static final List<Map.Entry<Pattern, String>> CAUSES = List.of(
            // Proxmox VE answers 401, though guides, and proxies that translate, say 403
            entry("csrf ?(prevention ?)?token", "csrf-token"),
            entry("^no ticket", "nothing-arrived"),
            entry("no tokenid specified", "token-id-malformed"),
            entry("is not a valid token id", "token-id-malformed"),
            entry("no such user", "user-unknown"),
            entry("no such token", "token-unknown"),
            entry("invalid token value", "secret-wrong"),
            entry("token '.{1,300}' access expired", "token-expired"),
            entry("user '.{1,300}' is disabled", "user-disabled"),
            entry("user '.{1,300}' access expired", "user-expired"),
            entry("invalid pve ticket", "ticket-refused"));

    // PVE::RPCEnvironment, check_pool_exist: a 403, even for root@pam; PVE::API2::Pool: a 500
    private static final Pattern NO_SUCH_POOL = Pattern.compile("pool '([^']*)' does not exist");

    // PVE::Storage, storage_config
    private static final Pattern NO_SUCH_STORAGE = Pattern.compile("storage '([^']*)' does not exist");

    private RefusalCauses() {}

    private static Map.Entry<Pattern, String> entry(String regex, String cause) {
        return Map.entry(Pattern.compile(regex), cause);
    }

    /** The cause that the server named, or null if it named none. */
    @Nullable
    static String causeIn(ErrorAnswer answer) {
        String said = of(answer);
        return CAUSES.stream()
                .filter(entry -> entry.getKey().matcher(said).find())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    /** The pool that does not exist, as the server names it; null if it named none. */
    @Nullable
    static String missingPool(ErrorAnswer answer) {
        return firstIn(answer, NO_SUCH_POOL);
    }

    /** The storage that does not exist, as the server names it; null if it named none. */
    @Nullable
    static String missingStorage(ErrorAnswer answer) {
        return firstIn(answer, NO_SUCH_STORAGE);
    }

    @Nullable
    private static String firstIn(ErrorAnswer answer, Pattern pattern) {
        Matcher found = pattern.matcher(answer.reason() + "\n" + answer.serverSaid());
        return found.find() ? found.group(1) : null;
    }

    /** Reason phrase and message in lower case; they differ if a proxy writes its own reason phrase. */
    static String of(ErrorAnswer answer) {
        return (answer.reason() + "\n" + answer.serverSaid()).toLowerCase(Locale.ROOT);
    }
}
