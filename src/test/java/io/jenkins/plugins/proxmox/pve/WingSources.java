package io.jenkins.plugins.proxmox.pve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of the wing as they are written, for tests of what stands in them. */
final class WingSources {

    /** All of them, as they lie in the folder of the wing. */
    static final List<String> PACKAGES = packages();

    private static final Pattern COMMENT_OR_LITERAL =
            Pattern.compile("//.*|/\\*(?s:.*?)\\*/|'(?:\\\\.|[^'\\\\])+'|\"(?:\\\\.|[^\"\\\\])*\"");

    private static final Pattern LITERAL = Pattern.compile("\"((?:\\\\.|[^\"\\\\])*)\"");

    /**
     * A text in quotation marks.
     *
     * @param file its file without {@code .java}
     * @param before the statement up to it, on one line, with texts in it left out
     */
    record Literal(String file, String text, String before) {}

    /**
     * A call of a method.
     *
     * @param arguments as they are written
     */
    record Call(String file, List<String> arguments) {

        /** The texts in quotation marks that stand in one of the arguments. */
        List<String> literalsIn(int argument) {
            return literals(arguments.get(argument));
        }
    }

    private WingSources() {}

    private static List<String> packages() {
        try (Stream<Path> all = Files.list(folder("src/main/java"))) {
            return all.map(folder -> folder.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder(String sources) {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("src/main/java"))) {
            root = root.getParent();
        }
        return root.resolve(sources).resolve("io/jenkins/plugins/proxmox/pve");
    }

    /** The files below {@code src/main} or {@code src/test} of one package; the tests run in the root or below. */
    static List<Path> files(String sources, String name, String end) {
        Path folder = folder(sources).resolve(name);
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(end)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String nameOf(Path source) {
        return source.getFileName().toString().replace(".java", "");
    }

    private static List<String> literals(String code) {
        return LITERAL.matcher(code).results().map(found -> found.group(1)).toList();
    }

    /** The code with its length kept, but without comments and texts. */
    private static String bare(String code) {
        return COMMENT_OR_LITERAL
                .matcher(code)
                .replaceAll(found -> " ".repeat(found.group().length()));
    }

    /** All texts in the sources of a package. */
    static List<Literal> literalsOf(String name) {
        List<Literal> literals = new ArrayList<>();
        for (Path source : files("src/main/java", name, ".java")) {
            String code = read(source);
            String bare = bare(code);
            for (MatchResult found : COMMENT_OR_LITERAL.matcher(code).results().toList()) {
                Matcher text = LITERAL.matcher(found.group());
                if (text.matches()) {
                    String upTo = bare.substring(0, found.start());
                    int begin = Math.max(upTo.lastIndexOf(';'), Math.max(upTo.lastIndexOf('{'), upTo.lastIndexOf('}')));
                    String before = upTo.substring(begin + 1).strip().replaceAll("\\s+", " ");
                    literals.add(new Literal(nameOf(source), text.group(1), before));
                }
            }
        }
        return literals;
    }

    /** All calls of {@code method} in the sources of a package, and its declaration where that stands there. */
    static List<Call> callsIn(String name, String method) {
        Pattern beginning = Pattern.compile("(?<![\\w.])" + Pattern.quote(method) + "\\(");
        List<Call> calls = new ArrayList<>();
        for (Path source : files("src/main/java", name, ".java")) {
            String code = read(source);
            Matcher call = beginning.matcher(bare(code));
            while (call.find()) {
                calls.add(new Call(nameOf(source), arguments(code, call.end())));
            }
        }
        return calls;
    }

    private static List<String> arguments(String code, int begin) {
        String bare = bare(code);
        List<String> arguments = new ArrayList<>();
        int depth = 0;
        int from = begin;
        for (int i = begin; depth >= 0; i++) {
            char c = bare.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth < 0 || c == ',' && depth == 0) {
                arguments.add(code.substring(from, i).strip());
                from = i + 1;
            }
        }
        return arguments;
    }
}
