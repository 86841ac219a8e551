package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.access.TokenId;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
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

    /** Whether another error has a 403 in it: {@code update pools failed: 403 Permission check failed (…)} (PVE::API2::Pool). */
    static boolean isIn(ErrorAnswer failure) {
        return failure.serverSaid().contains(": 403 Permission check failed");
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

    /**
     * The identity lacks privileges for requests of an operation that follow the first one, as the server's list of its
     * permissions shows. Nothing was sent.
     */
    public static final class Foreseen extends ProxmoxException {
        private static final long serialVersionUID = 1L;

        private final String identity;
        private final String address;

        private final RequiredPrivilege[] missing;

        /**
         * @param address {@code host:port} of the server
         * @param missing at least one
         */
        public Foreseen(String identity, String address, List<RequiredPrivilege> missing) {
            super(message(identity, missing.get(0)), null);
            this.identity = identity;
            this.address = address;
            this.missing = missing.toArray(new RequiredPrivilege[0]);
        }

        private static String message(String identity, RequiredPrivilege first) {
            String privileges = first.anyOf().stream()
                    .reduce((some, another) -> Texts.of("denied.or", some, another))
                    .orElseThrow();
            boolean token = TokenId.isTokenId(identity);
            return MessageBundle.sentences(
                    Texts.of("denied.beforehand", identity, privileges, first.aclPath()),
                    Texts.of(token ? "denied.grant-token" : "denied.grant-user", privileges, first.aclPath()));
        }

        /** The identity that lacks them: {@code user@realm} or {@code user@realm!name}. */
        public String identity() {
            return identity;
        }

        /** {@code host:port} of the server. */
        public String address() {
            return address;
        }

        /** At least one. */
        public List<RequiredPrivilege> missing() {
            return List.of(missing);
        }

        @Override
        public boolean mayHaveBeenExecuted() {
            return false;
        }

        @Override
        public boolean mayPass() {
            return false;
        }
    }
}
