package io.jenkins.plugins.proxmox.pve.http;

import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** A path of the API below {@code /api2/json}. No segment can turn it into another path. */
public final class ApiPath {

    private final List<String> segments;
    private final List<String> query;

    private ApiPath(List<String> segments, List<String> query) {
        this.segments = segments;
        this.query = query;
    }

    /**
     * The path of {@code segments}, each a text or a number.
     *
     * @throws IllegalArgumentException when a segment is empty, {@code .} or {@code ..}, or contains a slash, blank or
     *     control character: no name in Proxmox VE does. A user name may contain a hash, a percent sign, or the
     *     backslash of a Windows domain, and all of these are encoded.
     */
    public static ApiPath of(Object... segments) {
        List<String> checked = new ArrayList<>();
        for (Object segment : segments) {
            checked.add(requireSegment(segment.toString()));
        }
        return new ApiPath(List.copyOf(checked), List.of());
    }

    /**
     * This path with further segments, checked as those of {@link #of}.
     *
     * @throws IllegalArgumentException as {@link #of}
     */
    public ApiPath then(Object... further) {
        List<String> longer = new ArrayList<>(segments);
        longer.addAll(of(further).segments);
        return new ApiPath(List.copyOf(longer), query);
    }

    /** This path with one more query parameter. */
    public ApiPath with(String parameter, Object value) {
        List<String> longer = new ArrayList<>(query);
        longer.add(encode(parameter) + "=" + encode(value.toString()));
        return new ApiPath(segments, List.copyOf(longer));
    }

    private static String requireSegment(String segment) {
        boolean hostile = segment.isEmpty()
                || segment.equals(".")
                || segment.equals("..")
                || segment.chars().anyMatch(c -> Character.isISOControl(c) || Character.isWhitespace(c) || c == '/');
        if (hostile) {
            throw new IllegalArgumentException(Texts.of("path.hostile", SafeText.singleLine(segment)));
        }
        return segment;
    }

    private static String encode(String text) {
        // half a surrogate pair becomes a question mark, which newer versions of the encoder leave out at the end
        String wellFormed = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        return URLEncoder.encode(wellFormed, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The request target as sent: encoded, with the prefix and the query. */
    String requestTarget() {
        StringJoiner path = new StringJoiner("/", "/api2/json/", "");
        segments.forEach(segment -> path.add(encode(segment)));
        return query.isEmpty() ? path.toString() : path + "?" + String.join("&", query);
    }

    /** For messages: as in the documentation of Proxmox VE, without prefix and query. */
    @Override
    public String toString() {
        return "/" + String.join("/", segments);
    }
}
