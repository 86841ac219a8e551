package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Tries whether a port of a guest accepts TCP connections. Goes through no proxy. */
public final class TcpConnection {

    private static final Logger LOGGER = Logger.getLogger(TcpConnection.class.getName());

    private TcpConnection() {}

    /**
     * Connects and closes the connection at once. Holds no thread.
     *
     * @param address a literal IPv4 or IPv6 address
     * @param limit how long to wait for an answer
     * @return nothing when the connection succeeded, else why it failed. Cancel it to give up.
     */
    @NonNull
    public static CompletableFuture<Optional<String>> attempt(
            String address, int port, Duration limit, ScheduledExecutorService timer) {
        CompletableFuture<Optional<String>> end = new CompletableFuture<>();
        try {
            // a literal address is not looked up
            InetSocketAddress target = new InetSocketAddress(InetAddress.getByName(address), port);
            AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
            end.whenComplete((answer, cancelled) -> close(channel));
            Future<?> silent = timer.schedule(
                    () -> end.complete(Optional.of(Texts.of("port.silent", limit.toSeconds()))),
                    limit.toMillis(),
                    TimeUnit.MILLISECONDS);
            end.whenComplete((answer, cancelled) -> silent.cancel(false));
            channel.connect(target, null, new Connected(end));
        } catch (IOException | RuntimeException e) {
            end.complete(Optional.of(inWords(e)));
        }
        return end;
    }

    private record Connected(CompletableFuture<Optional<String>> end) implements CompletionHandler<Void, Void> {

        @Override
        public void completed(Void result, Void attachment) {
            end.complete(Optional.empty());
        }

        @Override
        public void failed(Throwable e, Void attachment) {
            end.complete(Optional.of(inWords(e)));
        }
    }

    private static String inWords(Throwable e) {
        boolean refused =
                e instanceof ConnectException && String.valueOf(e.getMessage()).contains("Connection refused");
        return refused ? Texts.of("port.refused") : SafeText.singleLine(String.valueOf(e.getMessage()));
    }

    private static void close(AsynchronousSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOGGER.log(Level.FINE, "A connection was not closed cleanly", e);
        }
    }
}
