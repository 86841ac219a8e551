package io.jenkins.plugins.proxmox.pve.simulator;

import java.io.IOException;
import java.net.Socket;
import java.util.Set;
import javax.net.ssl.SSLSocket;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.io.CloseMode;

/** A connection that is a member of a set from its beginning until it has been closed whole. */
final class CountedConnection extends DefaultBHttpServerConnection implements Fault.OutputOnTheWire {

    /** A thread serves one connection. */
    private static final ThreadLocal<CountedConnection> SERVED = new ThreadLocal<>();

    private final Set<Object> open;
    private Socket socket;
    private Socket tcp;

    private CountedConnection(Set<Object> open) {
        super("https", Http1Config.DEFAULT);
        this.open = open;
        open.add(this);
    }

    static HttpConnectionFactory<CountedConnection> factory(Set<Object> open) {
        return new HttpConnectionFactory<>() {
            @Override
            public CountedConnection createConnection(Socket socket) throws IOException {
                CountedConnection connection = new CountedConnection(open);
                connection.socket = socket;
                connection.tcp = socket;
                connection.bind(socket);
                return connection;
            }

            @Override
            public CountedConnection createConnection(SSLSocket tls, Socket socket) throws IOException {
                CountedConnection connection = new CountedConnection(open);
                connection.socket = tls;
                connection.tcp = socket;
                connection.bind(tls, socket);
                return connection;
            }
        };
    }

    /** The connection that the calling thread serves. */
    static CountedConnection served() {
        return SERVED.get();
    }

    @Override
    public ClassicHttpRequest receiveRequestHeader() throws HttpException, IOException {
        SERVED.set(this);
        return super.receiveRequestHeader();
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    @Override
    public void reset() throws IOException {
        tcp.setSoLinger(true, 0);
        tcp.close();
    }

    @Override
    public void stall() throws IOException {
        socket.setSoTimeout(0);
        while (socket.getInputStream().read() >= 0) {
            // more of a request that gets no answer
        }
    }

    /** Closes at once, as Proxmox VE does; the inherited method would wait until the client closes, too. */
    @Override
    public void close() throws IOException {
        try {
            if (isOpen()) {
                flush();
            }
        } finally {
            close(CloseMode.GRACEFUL);
        }
    }

    @Override
    public void close(CloseMode mode) {
        try {
            super.close(mode);
        } finally {
            open.remove(this);
        }
    }
}
