package io.jenkins.plugins.proxmox.pve.call;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.List;

/** The calls that scripts may make on a server. Without a rule, they may make none. */
public final class CallRules {

    private final List<CallRule> rules;

    private CallRules(List<CallRule> rules) {
        this.rules = rules;
    }

    /**
     * @param lines one rule each, as of {@link CallRule#parse}
     * @throws IllegalArgumentException when one is not a rule
     */
    @NonNull
    public static CallRules parse(List<String> lines) {
        return new CallRules(lines.stream().map(CallRule::parse).toList());
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /**
     * The rules that allow to change anything anywhere, each as a line.
     */
    @NonNull
    public List<String> unlimited() {
        return rules.stream()
                .filter(CallRule::isUnlimited)
                .map(CallRule::toString)
                .toList();
    }

    public boolean allow(ApiCall call) {
        return rules.stream().anyMatch(rule -> rule.allows(call.method(), call.path()));
    }

    /**
     * Refuses a call that no rule can allow.
     *
     * @throws IllegalArgumentException with the reason
     */
    static void requirePossible(ApiCall call) {
        String reason = ProhibitedCalls.reason(call.method(), call.path());
        if (!reason.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("call.prohibited", call, reason));
        }
    }
}
