package io.jenkins.plugins.proxmox.pve.simulator;

import java.io.IOException;
import java.net.Socket;
import java.util.Set;
import javax.net.ssl.SSLSocket;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.io.CloseMode;

/** A connection that is a member of a set from its beginning until it has been closed whole. */
final class CountedConnection extends DefaultBHttpServerConnection {

    private final Set<Object> open;

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
                connection.bind(socket);
                return connection;
            }

            @Override
            public CountedConnection createConnection(SSLSocket tls, Socket socket) throws IOException {
                CountedConnection connection = new CountedConnection(open);
                connection.bind(tls, socket);
                return connection;
            }
        };
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
