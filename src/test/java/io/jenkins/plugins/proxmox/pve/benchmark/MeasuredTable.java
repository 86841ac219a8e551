package io.jenkins.plugins.proxmox.pve.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A table of a page of the documentation, between the comments {@code measured NAME: begin} and {@code end}. */
public final class MeasuredTable {

    private MeasuredTable() {}

    /** Puts a table in the place of the last one. */
    public static void write(Path page, String name, String table) throws IOException {
        String text = Files.readString(page);
        String mark = "<!-- measured " + name + ": begin -->";
        int begin = text.indexOf(mark) + mark.length();
        int end = text.indexOf("<!-- measured " + name + ": end -->");
        if (begin < mark.length() || end < begin) {
            throw new IllegalStateException(page + " has no place for the table " + name);
        }
        Files.writeString(page, text.substring(0, begin) + "\n" + table + text.substring(end));
    }
}
