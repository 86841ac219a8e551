package io.jenkins.plugins.proxmox.pve.fault;

import static io.jenkins.plugins.proxmox.pve.fault.FaultKind.afterwards;
import static io.jenkins.plugins.proxmox.pve.fault.FaultKind.onTheWire;

import io.jenkins.plugins.proxmox.pve.fault.FaultKind.Ending;
import io.jenkins.plugins.proxmox.pve.simulator.Fault.OutputOnTheWire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;

/** What goes wrong with the bytes of an answer. */
public final class WireFaults {

    private static final byte[] END_OF_HEAD = ascii("\r\n\r\n");

    private WireFaults() {}

    public static List<FaultKind> all() {
        return List.of(
                onTheWire("reset before the answer", Ending.SUCCESS, (answer, out) -> out.reset()),
                onTheWire("closed before the answer", Ending.SUCCESS, (answer, out) -> {}),
                onTheWire("reset in the status line", Ending.SUCCESS, (answer, out) -> {
                    out.write(Arrays.copyOf(answer, 7));
                    out.reset();
                }),
                onTheWire("reset in the head", Ending.SUCCESS, (answer, out) -> {
                    out.write(Arrays.copyOf(answer, headOf(answer) / 2));
                    out.reset();
                }),
                onTheWire("reset before the body", Ending.SUCCESS, (answer, out) -> {
                    out.write(Arrays.copyOf(answer, headOf(answer)));
                    out.reset();
                }),
                onTheWire("reset in the body", Ending.SUCCESS, (answer, out) -> {
                    out.write(Arrays.copyOf(answer, answer.length - 3));
                    out.reset();
                }),
                onTheWire(
                        "truncated body",
                        Ending.SUCCESS,
                        (answer, out) -> out.write(Arrays.copyOf(answer, answer.length - 3))),
                onTheWire("stalled before the answer", Ending.SUCCESS, (answer, out) -> out.stall()),
                onTheWire("stalled in the head", Ending.SUCCESS, (answer, out) -> {
                    out.write(Arrays.copyOf(answer, headOf(answer) / 2));
                    out.stall();
                }),
                onTheWire("stalled in the body", Ending.SUCCESS, (answer, out) -> {
                    out.write(Arrays.copyOf(answer, answer.length - 3));
                    out.stall();
                }),
                onTheWire("endless head", Ending.SUCCESS_OR_ERROR, (answer, out) -> {
                    out.write(Arrays.copyOf(answer, headOf(answer) - 2));
                    repeat(out, ascii("X-Filling: " + "x".repeat(8000) + "\r\n"));
                }),
                onTheWire("endless trickle in the head", Ending.SUCCESS, (answer, out) -> {
                    out.write(Arrays.copyOf(answer, headOf(answer) - 2));
                    out.write(ascii("X-Filling: "));
                    trickle(out, ascii("x".repeat(1000)), 100);
                }),
                onTheWire("endless trickle in the body", Ending.SUCCESS, (answer, out) -> {
                    out.write(withLength(answer, 9000, ascii("{\"data\":\"")));
                    trickle(out, ascii("x".repeat(1000)), 100);
                }),
                onTheWire("oversized body", Ending.SUCCESS_OR_ERROR, (answer, out) -> {
                    out.write(withLength(answer, 100_000_000, ascii("{\"data\":\"")));
                    repeat(out, ascii("x".repeat(8192)));
                }),
                onTheWire("oversized body in chunks", Ending.SUCCESS_OR_ERROR, (answer, out) -> {
                    out.write(ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
                    repeat(out, ascii("2000\r\n" + "x".repeat(8192) + "\r\n"));
                }),
                onTheWire("no HTTP", Ending.SUCCESS, (answer, out) -> out.write(ascii("SSH-2.0-OpenSSH_9.2\r\n"))),
                onTheWire(
                        "status line without a number",
                        Ending.SUCCESS,
                        (answer, out) -> out.write(ascii("HTTP/1.1 OK\r\n\r\n"))),
                onTheWire(
                        "length that is no number",
                        Ending.SUCCESS,
                        (answer, out) -> out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}"))),
                // harmless: the answer is all there
                afterwards("head byte by byte", Ending.SUCCESS, (answer, out) -> {
                    trickle(out, Arrays.copyOf(answer, headOf(answer)), 1);
                    out.write(bodyOf(answer));
                    out.stall();
                }),
                afterwards("body byte by byte", Ending.SUCCESS, (answer, out) -> {
                    out.write(Arrays.copyOf(answer, headOf(answer)));
                    trickle(out, bodyOf(answer), 1);
                    out.stall();
                }),
                afterwards("answer in chunks", Ending.SUCCESS, (answer, out) -> {
                    String head = new String(answer, 0, headOf(answer), StandardCharsets.ISO_8859_1)
                            .replaceFirst("Content-Length: \\d+", "Transfer-Encoding: chunked");
                    out.write(ascii(head));
                    byte[] body = bodyOf(answer);
                    int half = body.length / 2;
                    for (byte[] part :
                            List.of(Arrays.copyOf(body, half), Arrays.copyOfRange(body, half, body.length))) {
                        out.write(ascii(part.length == 0 ? "" : Integer.toHexString(part.length) + "\r\n"));
                        out.write(part);
                        out.write(ascii(part.length == 0 ? "" : "\r\n"));
                    }
                    out.write(ascii("0\r\n\r\n"));
                }),
                afterwards("reset after the answer", Ending.SUCCESS, (answer, out) -> {
                    out.write(answer);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
                    out.reset();
                }),
                afterwards("closed after the answer", Ending.SUCCESS, (answer, out) -> out.write(answer)),
                afterwards("more than one answer", Ending.SUCCESS, (answer, out) -> {
                    // in one piece: a second one that comes later may meet the next request on its way
                    byte[] both = Arrays.copyOf(answer, 2 * answer.length);
                    System.arraycopy(answer, 0, both, answer.length, answer.length);
                    out.write(both);
                }),
                afterwards("an interim answer before", Ending.SUCCESS, (answer, out) -> {
                    out.write(ascii("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"));
                    out.write(answer);
                }),
                afterwards("an invitation to continue before", Ending.SUCCESS, (answer, out) -> {
                    out.write(ascii("HTTP/1.1 100 Continue\r\n\r\n"));
                    out.write(answer);
                }),
                afterwards("a compressed answer that nobody asked for", Ending.SUCCESS_OR_ERROR, (answer, out) -> {
                    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
                    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
                        gzip.write(bodyOf(answer));
                    }
                    String head = new String(answer, 0, headOf(answer) - 2, StandardCharsets.ISO_8859_1)
                            .replaceFirst("Content-Length: \\d+", "Content-Length: " + compressed.size());
                    out.write(ascii(head + "Content-Encoding: gzip\r\n\r\n"));
                    out.write(compressed.toByteArray());
                }));
    }

    /** A log of that size, as far as the client takes it. */
    static void hundredMegabytes(byte[] answer, OutputOnTheWire out) throws IOException {
        byte[] line = ascii("{\"n\":1,\"t\":\"" + "x".repeat(8000) + "\"},");
        out.write(withLength(answer, 100_000_000, ascii("{\"total\":12500,\"data\":[")));
        for (int written = 0; written < 100_000_000; written += line.length) {
            out.write(line);
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The length of status line and headers, with the empty line after them. */
    static int headOf(byte[] answer) {
        for (int i = 0; i + END_OF_HEAD.length <= answer.length; i++) {
            if (Arrays.equals(answer, i, i + END_OF_HEAD.length, END_OF_HEAD, 0, END_OF_HEAD.length)) {
                return i + END_OF_HEAD.length;
            }
        }
        throw new IllegalArgumentException("no end of the head");
    }

    static byte[] bodyOf(byte[] answer) {
        return Arrays.copyOfRange(answer, headOf(answer), answer.length);
    }

    /** The same head for a body of that length, and the beginning of that body. */
    static byte[] withLength(byte[] answer, int length, byte[] beginning) {
        String head = new String(answer, 0, headOf(answer), StandardCharsets.ISO_8859_1)
                .replaceFirst("Content-Length: \\d+", "Content-Length: " + length);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            bytes.write(ascii(head));
            bytes.write(beginning);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void repeat(OutputOnTheWire out, byte[] bytes) throws IOException {
        // ends with the exception when the client has closed the connection
        while (true) {
            out.write(bytes);
        }
    }

    private static void trickle(OutputOnTheWire out, byte[] bytes, int millisBetween) throws IOException {
        for (byte each : bytes) {
            out.write(new byte[] {each});
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millisBetween));
        }
    }
}
