package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.Redaction;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The usable entries of a list of the server, and those that were left out: one odd entry never hides the others.
 * Immutable.
 */
public final class Listing<T> extends AbstractList<T> {

    private final List<T> entries;
    private final SkippedEntries leftOut;

    private Listing(List<T> entries, SkippedEntries leftOut) {
        this.entries = List.copyOf(entries);
        this.leftOut = leftOut;
    }

    /** An entry that comes from Proxmox VE but cannot be used. */
    static final class OddEntryException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        OddEntryException(String why) {
            super(why);
        }
    }

    /**
     * The elements of an array.
     *
     * @param reader returns null for an element of a kind that is not wanted, and throws an {@link
     *     IllegalArgumentException} for one that cannot be used
     * @throws IllegalArgumentException when it is not an array, or none of its elements comes from Proxmox VE
     */
    @NonNull
    public static <T> Listing<T> of(JsonNode data, Function<JsonNode, T> reader) {
        Collector<T> collector = new Collector<>();
        JsonChecks.array(data).forEach(element -> collector.add(labelOf(element), () -> reader.apply(element)));
        return collector.listing();
    }

    /** The same for the fields of an object, each read by name and value. */
    @NonNull
    public static <T> Listing<T> ofFields(JsonNode data, BiFunction<String, JsonNode, T> reader) {
        Collector<T> collector = new Collector<>();
        data.properties()
                .forEach(field -> collector.add(
                        SafeText.singleLine(field.getKey()), () -> reader.apply(field.getKey(), field.getValue())));
        return collector.listing();
    }

    /** The server's name for the element, or its beginning. */
    private static String labelOf(JsonNode element) {
        String id = SafeText.singleLine(element.path("id").asText(""));
        String label = id.isEmpty() ? SafeText.singleLine(element.toString()) : id;
        return label.length() <= 80 ? label : SafeText.singleLine(label.substring(0, 80)) + "…";
    }

    private static final class Collector<T> {

        private final List<T> entries = new ArrayList<>();
        private final List<String> leftOut = new ArrayList<>();
        private boolean ofProxmox;
        private IllegalArgumentException first;

        void add(String label, Supplier<T> reading) {
            try {
                T entry = reading.get();
                ofProxmox = true;
                if (entry != null) {
                    entries.add(entry);
                }
            } catch (IllegalArgumentException e) {
                ofProxmox |= e instanceof OddEntryException;
                first = first == null ? e : first;
                String why = String.valueOf(e.getMessage()).replaceFirst("\\.$", "");
                leftOut.add(Texts.of("left-out.entry", label, why));
            }
        }

        Listing<T> listing() {
            if (first != null && !ofProxmox) {
                throw first;
            }
            return new Listing<>(entries, new SkippedEntries(leftOut));
        }
    }

    /** The listed entries that cannot be used. */
    @NonNull
    public SkippedEntries leftOut() {
        return leftOut;
    }

    /** The same list, with secrets removed from the descriptions of the entries that were left out. */
    public Listing<T> with(Redaction redaction) {
        return leftOut.isEmpty()
                ? this
                : new Listing<>(
                        entries,
                        new SkippedEntries(
                                leftOut.entries().stream().map(redaction::of).toList()));
    }

    @Override
    public T get(int index) {
        return entries.get(index);
    }

    @Override
    public int size() {
        return entries.size();
    }
}
