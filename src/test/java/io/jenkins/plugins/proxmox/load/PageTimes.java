package io.jenkins.plugins.proxmox.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URL;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Somebody who opens the pages of a controller again and again, and looks at the clock. */
public final class PageTimes implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(1);

    private static final int MOST_ATTEMPTS = 60;

    /** A page, or what is as good as one for the person in front of it. */
    @FunctionalInterface
    private interface Page {

        /** Opens it to the end. */
        void open() throws IOException, InterruptedException;
    }

    private final URI root;
    private final HttpClient browser = HttpClient.newBuilder()
            .cookieHandler(new CookieManager())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(PATIENCE)
            .build();
    private final Map<String, Page> pages = new LinkedHashMap<>();
    private final Map<String, List<Long>> millis = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();
    private Thread visitor;
    private volatile boolean over;

    public PageTimes(URL root) {
        this.root = URI.create(root.toString());
        add("`/`", () -> get(""));
    }

    private void add(String name, Page page) {
        pages.put(name, page);
        millis.put(name, new ArrayList<>());
    }

    /** Also opens that page, whose address begins at that of the controller. */
    public PageTimes page(String name, String address) {
        add(name, () -> get(address));
        return this;
    }

    /** Also opens the overview and waits until it can show the server. */
    public PageTimes overview(String server) {
        add("overview", () -> {
            get("manage/proxmox-ve/");
            for (int i = 0; get("manage/proxmox-ve/server?name=" + server).contains("\"pending\""); i++) {
                if (i > MOST_ATTEMPTS) {
                    throw new IOException("the overview shows nothing");
                }
            }
        });
        return this;
    }

    /** Also tests the connection with those values of the form. */
    public PageTimes testConnection(Map<String, String> form) {
        add("*Test connection*", () -> {
            String answer =
                    post("descriptorByName/io.jenkins.plugins.proxmox.server.ProxmoxServer/testConnection", form);
            if (answer.contains("class=error") || answer.contains("class=\"error\"")) {
                throw new IOException(answer);
            }
        });
        return this;
    }

    /** The text of a page. */
    public String get(String address) throws IOException, InterruptedException {
        return send(request(address).GET());
    }

    private String post(String address, Map<String, String> form) throws IOException, InterruptedException {
        String body = form.entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        HttpRequest.Builder request = request(address)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        String crumb = crumb();
        if (crumb != null) {
            request.header("Jenkins-Crumb", crumb);
        }
        return send(request);
    }

    private String crumb() throws IOException, InterruptedException {
        HttpResponse<String> answer = browser.send(
                request("crumbIssuer/api/xml?xpath=/*/crumb/text()").GET().build(),
                HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() == 200 ? answer.body() : null;
    }

    private HttpRequest.Builder request(String address) {
        return HttpRequest.newBuilder(root.resolve(address)).timeout(PATIENCE);
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = browser.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 400) {
            throw new IOException(answer.statusCode() + " of " + answer.uri());
        }
        return answer.body();
    }

    /** Opens all pages one after the other, so often, without anything else going on. */
    public PageTimes warmUp(int rounds) {
        for (int i = 0; i < rounds; i++) {
            round();
        }
        forget();
        return this;
    }

    /** Opens all pages once, and takes the times. */
    public synchronized void round() {
        pages.forEach((name, page) -> {
            long begun = System.nanoTime();
            try {
                page.open();
                millis.get(name).add((System.nanoTime() - begun) / 1_000_000);
            } catch (IOException e) {
                failures.add(name + " after " + (System.nanoTime() - begun) / 1_000_000 + " ms: " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private synchronized void forget() {
        if (!failures.isEmpty()) {
            throw new UncheckedIOException(new IOException(failures.toString()));
        }
        millis.values().forEach(List::clear);
    }

    /** Opens them round after round until {@link #close()}. */
    public PageTimes begin() {
        visitor = new Thread(
                () -> {
                    while (!over) {
                        round();
                        LockSupport.parkNanos(BETWEEN_ROUNDS.toNanos());
                    }
                },
                "visitor");
        visitor.setDaemon(true);
        visitor.start();
        return this;
    }

    /** How often a page could not be opened, and why. */
    public synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /** A line of a table for each page: how often it was opened, the median, the 95th percentile, the maximum. */
    public synchronized List<String> table(String how) {
        List<String> lines = new ArrayList<>();
        millis.forEach((name, taken) -> {
            List<Long> sorted = taken.stream().sorted().toList();
            lines.add(
                    sorted.isEmpty()
                            ? "| " + how + " | " + name + " | 0 | – | – | – |"
                            : String.format(
                                    Locale.ROOT,
                                    "| %s | %s | %d | %d ms | %d ms | %d ms |",
                                    how,
                                    name,
                                    sorted.size(),
                                    sorted.get(sorted.size() / 2),
                                    sorted.get((int) Math.ceil(sorted.size() * 0.95) - 1),
                                    sorted.get(sorted.size() - 1)));
        });
        return lines;
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        if (visitor != null) {
            visitor.join(PATIENCE.toMillis());
        }
    }
}
