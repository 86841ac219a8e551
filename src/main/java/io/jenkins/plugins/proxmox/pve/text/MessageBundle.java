package io.jenkins.plugins.proxmox.pve.text;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * User-visible texts: the patterns of a properties file, in the reader's language where there is a
 * {@code …_<language>.properties} beside it, and in English otherwise.
 */
public final class MessageBundle {

    /** Does not fall back to the language of this computer, which is not the reader's. */
    private static final ResourceBundle.Control READER_OR_ENGLISH =
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);

    private static final ThreadLocal<Locale> HANDED_OVER = new ThreadLocal<>();

    private static volatile Supplier<Locale> reader = Locale::getDefault;

    private final String bundle;
    private final ClassLoader loader;

    /** The properties file of the same name as that class. Reads nothing yet. */
    public MessageBundle(Class<?> texts) {
        this.bundle = texts.getName();
        this.loader = texts.getClassLoader();
    }

    /**
     * Sets the source of the reader's locale, called in the thread that creates a text. The default is the JVM's
     * locale.
     */
    public static void readBy(Supplier<Locale> locale) {
        reader = locale;
    }

    /** Wraps {@code work} for another thread, so that its texts use the language of this thread's reader. */
    @NonNull
    public static <T> Callable<T> forThisReader(Callable<T> work) {
        Locale here = locale();
        return () -> {
            HANDED_OVER.set(here);
            try {
                return work.call();
            } finally {
                HANDED_OVER.remove();
            }
        };
    }

    private static Locale locale() {
        Locale handedOver = HANDED_OVER.get();
        return handedOver == null ? reader.get() : handedOver;
    }

    /** The non-empty sentences, joined with blanks. */
    @NonNull
    public static String sentences(String... sentences) {
        return Stream.of(sentences).filter(each -> !each.isEmpty()).collect(Collectors.joining(" "));
    }

    /** Whether there is a text with this key. */
    public boolean has(String key) {
        return texts(locale()).containsKey(key);
    }

    /**
     * The text of that key with {@code values}, each as {@link String#valueOf} writes it: a VMID or a port is a name
     * and gets no thousands separators.
     */
    @NonNull
    public String text(String key, Object... values) {
        Locale locale = locale();
        Object[] words = Stream.of(values).map(String::valueOf).toArray();
        return new MessageFormat(texts(locale).getString(key), locale).format(words);
    }

    private ResourceBundle texts(Locale locale) {
        return ResourceBundle.getBundle(bundle, locale, loader, READER_OR_ENGLISH);
    }
}
