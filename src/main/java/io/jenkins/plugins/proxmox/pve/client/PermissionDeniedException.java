package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.model.TokenId;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** 403: the server accepts the identity but does not let it do this. */
public final class PermissionDeniedException extends ApiException {
    private static final long serialVersionUID = 1L;

    // "Permission check failed (/vms/100, VM.PowerMgmt)", "(/storage/local, Datastore.Audit|Datastore.AllocateSpace)"
    private static final Pattern DETAIL = Pattern.compile("\\((/[^,()\\s]*), ([A-Za-z0-9.|,& ]+)\\)");

    private final String identity;
    private final String aclPath;
    private final String[] privileges;
    private final boolean anyOf;

    PermissionDeniedException(String identity, ErrorAnswer failure) {
        super(message(identity, failure), failure);
        this.identity = identity;
        Matcher detail = detail(failure);
        this.aclPath = detail == null ? null : detail.group(1);
        this.privileges =
                detail == null ? new String[0] : detail.group(2).strip().split("\\s*(?:[|,]|&&)\\s*");
        this.anyOf = detail != null && detail.group(2).contains("|");
    }

    private static Matcher detail(ErrorAnswer failure) {
        for (String text : new String[] {failure.message(), failure.reason()}) {
            Matcher matcher = text == null ? null : DETAIL.matcher(text);
            if (matcher != null && matcher.find()) {
                return matcher;
            }
        }
        return null;
    }

    private static String message(String identity, ErrorAnswer failure) {
        Matcher detail = detail(failure);
        String denied = Texts.of("denied", identity, SafeText.sentence(failure.toString()));
        if (detail == null) {
            return denied;
        }
        String privileges = Stream.of(detail.group(2).split("\\|", -1))
                .reduce((some, another) -> Texts.of("denied.or", some, another))
                .orElseThrow();
        boolean token = TokenId.isTokenId(identity);
        return MessageBundle.sentences(
                denied, Texts.of(token ? "denied.grant-token" : "denied.grant-user", privileges, detail.group(1)));
    }

    /** The identity that lacks the permission: {@code user@realm} or {@code user@realm!name}. */
    public String identity() {
        return identity;
    }

    /** The ACL path on which rights are missing, such as {@code /vms/100}, or null when the server did not say. */
    @Nullable
    public String aclPath() {
        return aclPath;
    }

    /** The privileges that the call requires, such as {@code VM.PowerMgmt}; empty when the server did not say. */
    public List<String> privileges() {
        return List.of(privileges);
    }

    /** Whether one of {@link #privileges()} is enough. */
    public boolean isAnyOfThemEnough() {
        return anyOf;
    }

    @Override
    public boolean mayPass() {
        return false;
    }
}
