package io.jenkins.plugins.proxmox.pve.diagnosis;

/** Takes out what a log or a page might interpret, since reason phrases, names and paths come from outside. */
final class Text {

    private Text() {}

    /** {@code text} on one line, control characters and line breaks replaced by blanks. */
    static String line(String text) {
        return text.codePoints()
                .map(c -> isControl(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .strip();
    }

    private static boolean isControl(int c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                // among them those that turn the direction of writing round
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.SURROGATE;
    }
}
