package io.jenkins.plugins.proxmox.pve.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP proxy that knows CONNECT only and always connects to this machine, whatever the name: the client must leave
 * the names of servers to the proxy.
 */
public final class ConnectProxy implements AutoCloseable {

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final String refusal;
    private final PlainServer server;

    private ConnectProxy(String refusal) throws IOException {
        this.refusal = refusal;
        this.server = PlainServer.handling(this::handle);
    }

    static ConnectProxy open() throws IOException {
        return new ConnectProxy(null);
    }

    /** A proxy that answers each CONNECT with that head and body. */
    public static ConnectProxy refusing(String answer) throws IOException {
        return new ConnectProxy(answer);
    }

    public int port() {
        return server.port();
    }

    /** The heads of all requests that came in clear. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private void handle(Socket client) throws IOException {
        String head = readHead(client.getInputStream());
        requests.add(head);
        if (refusal != null) {
            client.getOutputStream().write(refusal.getBytes(StandardCharsets.ISO_8859_1));
            return;
        }
        int targetPort = Integer.parseInt(head.substring(head.indexOf(':') + 1, head.indexOf(" HTTP/1.1")));
        try (Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort)) {
            client.getOutputStream()
                    .write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Thread back = new Thread(() -> pass(target, client));
            back.setDaemon(true);
            back.start();
            pass(client, target);
        }
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("end of stream");
            }
            head.append((char) c);
        }
        return head.toString();
    }

    private static void pass(Socket from, Socket to) {
        try (from;
                to) {
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int n = from.getInputStream().read(buffer);
                    n >= 0;
                    n = from.getInputStream().read(buffer)) {
                out.write(buffer, 0, n);
                out.flush();
            }
        } catch (IOException e) {
            // one side is gone, and so is the tunnel
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
