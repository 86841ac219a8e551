package io.jenkins.plugins.proxmox.pve.model;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The size of a disk as Proxmox VE writes it, such as {@code 32G} (PVE::JSONSchema, parse_size). */
public record DiskSize(long bytes) implements Serializable {

    private static final String UNITS = "KMGT";

    /** An exabyte. Below it, no digit of a size is lost. */
    private static final long LARGEST = 1_000_000_000_000_000_000L;

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})(?:\\.([0-9]{1,3}))?([KMGT]?)");

    /** What a disk's entry in a configuration says of its size; null when it says nothing, or more than any disk holds. */
    @Nullable
    public static DiskSize parse(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            return null;
        }
        long unit = unit(size.group(3));
        String decimals = size.group(2) == null ? "0" : size.group(2);
        double part = Double.parseDouble("0." + decimals);
        long whole = Long.parseLong(size.group(1));
        if (whole >= LARGEST / unit) {
            return null;
        }
        long bytes = whole * unit + Math.round(part * unit);
        return bytes < LARGEST ? new DiskSize(bytes) : null;
    }

    private static long unit(String unit) {
        return unit.isEmpty() ? 1 : 1L << 10 * (UNITS.indexOf(unit) + 1);
    }

    /**
     * A size that was asked for: a whole number with its unit.
     *
     * @throws IllegalArgumentException when it is something else
     */
    @NonNull
    public static DiskSize require(String text) {
        Matcher size = SIZE.matcher(text.strip());
        boolean usable =
                size.matches() && size.group(2) == null && !size.group(3).isEmpty();
        DiskSize parsed = usable ? parse(text.strip()) : null;
        if (parsed == null || parsed.bytes == 0) {
            throw new IllegalArgumentException(Texts.of("clone.disk-size", SafeText.singleLine(text)));
        }
        return parsed;
    }

    /** In the largest unit without a fraction, such as {@code 32G}. */
    @Override
    public String toString() {
        long left = bytes;
        int unit = -1;
        while (unit < UNITS.length() - 1 && left != 0 && left % 1024 == 0) {
            left /= 1024;
            unit++;
        }
        return unit < 0 ? String.valueOf(left) : String.valueOf(left) + UNITS.charAt(unit);
    }
}
