package io.jenkins.plugins.proxmox.pve.guest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.JsonChecks;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who made a clone. It stands in the description of the guest as one line of JSON after {@value #PREFIX}, for people and
 * to be read back.
 *
 * @param controller identifies the Jenkins controller, whatever its address is
 * @param job the full name of the job
 * @param build its number
 * @param url of the build, empty when unknown
 * @param id different for each clone
 * @param lease whether it was made for a piece of work, to be removed afterwards; otherwise it is meant to stay
 * @param made when it was asked for, by the clock of the controller; null when unknown
 * @param vmid of the clone; null before it is known. Whoever clones the clone copies its description, mark and all, but
 *     gets another VMID.
 * @param signature of all the others by the controller; null when there is none. Without a VMID it is a secret, from
 *     which that of the mark with the VMID is made, as in a macaroon. So only the controller can say which guest it is
 *     that it has made.
 */
public record CloneMark(
        String controller,
        String job,
        int build,
        String url,
        String id,
        boolean lease,
        @Nullable Instant made,
        @Nullable Integer vmid,
        @Nullable String signature)
        implements Serializable {

    /**
     * Signs the marks of the clones of one controller. Whoever may edit the notes of a guest can write the mark of another
     * one into them, but cannot sign it.
     */
    public interface Signer extends Serializable {

        /** What the marks of the controller call it. */
        String controller();

        /** The signature of a text: the same for the same text, and unknown to everybody but the controller. */
        String sign(String text);
    }

    /** The tag that every clone has. */
    public static final String TAG = "jenkins";

    private static final String PREFIX = "jenkins-clone: ";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final String HMAC = "HmacSHA256";

    public CloneMark {
        // as they are read back, so that the signature stays right
        controller = SafeText.singleLine(controller);
        url = SafeText.singleLine(url);
        id = SafeText.singleLine(id);
    }

    /** A mark that is not signed. */
    public CloneMark(
            String controller,
            String job,
            int build,
            String url,
            String id,
            boolean lease,
            @Nullable Instant made,
            @Nullable Integer vmid) {
        this(controller, job, build, url, id, lease, made, vmid, null);
    }

    /** The line in the description. */
    @NonNull
    public String line() {
        ObjectNode json = json();
        if (vmid != null) {
            json.put("vmid", vmid);
            if (signature != null) {
                json.put("signature", signature);
            }
        }
        return PREFIX + write(json);
    }

    /** All but the VMID and the signature. */
    private ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("controller", controller)
                .put("job", job)
                .put("build", build)
                .put("url", url)
                .put("id", id)
                .put("lease", lease);
        if (made != null) {
            json.put("made", made.toString());
        }
        return json;
    }

    private static String write(ObjectNode json) {
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A description that begins with those lines and ends with the mark. */
    @NonNull
    public String after(String description) {
        return description.isEmpty() ? line() : description.stripTrailing() + "\n\n" + line();
    }

    /** The mark in a guest's description; null if there is none that can be read. The last one counts. */
    @Nullable
    public static CloneMark in(String description) {
        CloneMark last = null;
        for (String line : description.lines().toList()) {
            CloneMark mark = line.startsWith(PREFIX) ? parse(line.substring(PREFIX.length())) : null;
            last = mark == null ? last : mark;
        }
        return last;
    }

    @Nullable
    private static CloneMark parse(String json) {
        try {
            JsonNode mark = JSON.readTree(json);
            return new CloneMark(
                    JsonChecks.requireText("controller", mark),
                    // as it is, because the job is looked up by it
                    JsonChecks.requireText("job", mark),
                    mark.path("build").asInt(),
                    mark.path("url").asText(""),
                    JsonChecks.requireText("id", mark),
                    mark.path("lease").asBoolean(),
                    mark.has("made") ? Instant.parse(mark.path("made").asText()) : null,
                    GuestLocation.parseVmid(mark.path("vmid").asText("")),
                    mark.has("signature")
                            ? SafeText.singleLine(mark.path("signature").asText())
                            : null);
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeParseException e) {
            // somebody has edited it
            return null;
        }
    }

    /** The same mark, which the controller has signed. It has no VMID yet. */
    @NonNull
    public CloneMark signedBy(Signer signer) {
        return new CloneMark(controller, job, build, url, id, lease, made, null, signer.sign(write(json())));
    }

    /** The mark of the clone that gets that VMID. */
    @NonNull
    public CloneMark of(int drawn) {
        if (vmid != null) {
            return new CloneMark(controller, job, build, url, id, lease, made, drawn, vmid == drawn ? signature : null);
        }
        String signed = signature == null ? null : hmac(signature, String.valueOf(drawn));
        return new CloneMark(controller, job, build, url, id, lease, made, drawn, signed);
    }

    private static String hmac(String key, String text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), HMAC));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether that controller has made this mark for the guest with its VMID, and nobody has changed it. */
    public boolean isSignedBy(Signer signer) {
        return vmid != null
                && controller.equals(signer.controller())
                && isSigned(signedBy(signer).of(vmid).signature);
    }

    private boolean isSigned(@Nullable String expected) {
        return signature == null || expected == null
                ? Objects.equals(signature, expected)
                : MessageDigest.isEqual(
                        signature.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether both are of the same clone, or of copies of it. */
    public boolean isSame(@Nullable CloneMark other) {
        return other != null && id.equals(other.id) && controller.equals(other.controller);
    }

    /** Whether a guest with that VMID and that mark is the clone, rather than a copy of it. */
    boolean isOn(int guest, @Nullable CloneMark found) {
        return found != null
                && isSame(found)
                && Objects.equals(found.vmid, guest)
                && found.isSigned(of(guest).signature);
    }

    /** {@code job #12}, with the address of the build where it is known. */
    public String inWords() {
        return SafeText.singleLine(job) + " #" + build + (url.isEmpty() ? "" : ", " + SafeText.singleLine(url));
    }

    /** Without the signature, which may be a secret. */
    @Override
    public String toString() {
        return inWords();
    }
}
