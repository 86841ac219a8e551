package io.jenkins.plugins.proxmox.pve.http;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A port that answers what it is told, whatever it is asked. */
public final class PlainServer implements AutoCloseable {

    /** What is done with each connection, in a thread of its own. */
    public interface Handler {
        void handle(Socket socket) throws IOException;
    }

    private final ServerSocket listener;

    private PlainServer(ServerSocket listener, Handler handler) {
        this.listener = listener;
        inBackground(() -> accept(handler));
    }

    public static PlainServer handling(ServerSocket listener, Handler handler) {
        return new PlainServer(listener, handler);
    }

    public static PlainServer handling(Handler handler) throws IOException {
        return handling(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), handler);
    }

    /** Writes that text after it has read something, and closes. */
    public static PlainServer answering(String text) throws IOException {
        return handling(socket -> {
            socket.getInputStream().read(new byte[1024]);
            OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        });
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String address() {
        return "localhost:" + port();
    }

    private void accept(Handler handler) throws IOException {
        while (true) {
            Socket socket = listener.accept();
            inBackground(() -> {
                try (socket) {
                    handler.handle(socket);
                }
            });
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void inBackground(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // the other side, or the test, is done
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
