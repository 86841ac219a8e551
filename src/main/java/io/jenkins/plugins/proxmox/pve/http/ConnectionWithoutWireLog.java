package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.util.Timeout;

/**
 * A connection without the wire log of HttpClient. Anyone who enables that logger for another plugin must not find our
 * secrets in the controller's log.
 */
final class ConnectionWithoutWireLog extends DefaultBHttpClientConnection implements ManagedHttpClientConnection {

    private Timeout socketTimeout;

    /** What was received and not yet read; null before the first body. */
    @Nullable
    private SessionInputBuffer received;

    private ConnectionWithoutWireLog(Http1Config config) {
        super(config);
    }

    static HttpConnectionFactory<ManagedHttpClientConnection> factory(int longestHeaderLine) {
        Http1Config config = Http1Config.custom()
                .setMaxLineLength(longestHeaderLine)
                .setMaxHeaderCount(200)
                .build();
        return socket -> {
            ConnectionWithoutWireLog connection = new ConnectionWithoutWireLog(config);
            if (socket != null) {
                connection.bind(socket);
            }
            return connection;
        };
    }

    @Override
    public void bind(SSLSocket sslSocket, Socket socket) throws IOException {
        super.bind(sslSocket, socket);
        // what came before was the answer of a proxy
        received = null;
        socketTimeout = Timeout.ofMilliseconds(sslSocket.getSoTimeout());
    }

    @Override
    public void bind(Socket socket) throws IOException {
        super.bind(socket);
        socketTimeout = Timeout.ofMilliseconds(socket.getSoTimeout());
    }

    @Override
    public Socket getSocket() {
        var holder = getSocketHolder();
        return holder == null ? null : holder.getSocket();
    }

    @Override
    public SSLSession getSSLSession() {
        return getSocket() instanceof SSLSocket tls ? tls.getSession() : null;
    }

    @Override
    protected InputStream createContentInputStream(long length, SessionInputBuffer buffer, InputStream input) {
        received = buffer;
        return super.createContentInputStream(length, buffer, input);
    }

    /** Whether something has come after the last answer that was read: another one, or the end of TLS. Does not wait. */
    boolean hasUnreadBytes() throws IOException {
        SocketHolder holder = ensureOpen();
        // before the first answer, TLS itself may have sent something
        return received != null
                && (received.length() > 0
                        || holder.getSocket().getInputStream().available() > 0
                        || holder.getBaseSocket().getInputStream().available() > 0);
    }

    @Override
    public void passivate() {
        super.setSocketTimeout(Timeout.DISABLED);
    }

    @Override
    public void activate() {
        super.setSocketTimeout(socketTimeout);
    }

    @Override
    public void setSocketTimeout(Timeout timeout) {
        super.setSocketTimeout(timeout);
        socketTimeout = timeout;
    }
}
