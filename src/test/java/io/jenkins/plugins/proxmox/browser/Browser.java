package io.jenkins.plugins.proxmox.browser;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.node.TextNode;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.commons.io.FileUtils;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.WarExploder;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * A headless Chromium that looks at the pages of a Jenkins as people do, for what HtmlUnit cannot tell: what is visible,
 * and what a browser makes of it. A test that opens one is skipped where there is no Chromium with its driver
 * ({@code apt-get install chromium chromium-driver}).
 */
public final class Browser implements AutoCloseable {

    private static final Logger LOGGER = Logger.getLogger(Browser.class.getName());

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final Path DOCS_IMAGES = Path.of("docs", "images");

    /** At both sides of what is cut out of a page, in pixels: room for the icon of a complaint. */
    private static final int MARGIN = 32;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Those that earlier tests of this process have used. */
    private static final Queue<Chromium> IDLE = new ConcurrentLinkedQueue<>();

    private final JenkinsRule jenkins;
    private final Chromium chromium;
    private final ChromeDriver driver;

    /** What Chromium calls the script that makes pages dark; null when they are light. */
    private String theme;

    private Browser(JenkinsRule jenkins, Chromium chromium) {
        this.jenkins = jenkins;
        this.chromium = chromium;
        this.driver = chromium.driver();
    }

    /**
     * A browser that remembers no login and no choices, in a window of 1280 by 1000 pixels, with light colours. It may have
     * been used by an earlier test, as starting one takes long.
     */
    public static Browser open(JenkinsRule jenkins) {
        Chromium idle = IDLE.poll();
        Chromium chromium = idle == null ? Chromium.start() : idle;
        return new Browser(jenkins, chromium).size(1280, 1000).light();
    }

    /** A running Chromium with a profile of its own. */
    private record Chromium(ChromeDriver driver, Path profile) {

        static Chromium start() {
            File chromium = executable("chromium", "chromium-browser", "google-chrome");
            File chromedriver = executable("chromedriver");
            try {
                Path profile = Files.createTempDirectory("proxmox-browser");
                ChromeDriverService service = new ChromeDriverService.Builder()
                        .usingDriverExecutable(chromedriver)
                        .usingAnyFreePort()
                        .build();
                service.sendOutputTo(OutputStream.nullOutputStream());
                bringSymbols();
                ChromeOptions options = new ChromeOptions();
                options.setBinary(chromium);
                options.addArguments(
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--hide-scrollbars",
                        "--disable-dev-shm-usage",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--no-proxy-server",
                        "--user-data-dir=" + profile);
                Chromium started = new Chromium(new ChromeDriver(service, options), profile);
                Runtime.getRuntime().addShutdownHook(new Thread(started::quit));
                return started;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Forgets who was logged in, and what pages have kept. */
        void forget() {
            driver.executeScript("localStorage.clear(); sessionStorage.clear()");
            driver.get("about:blank");
            driver.executeCdpCommand("Network.clearBrowserCookies", Map.of());
            driver.executeCdpCommand("Browser.resetPermissions", Map.of());
        }

        void quit() {
            try {
                driver.quit();
            } finally {
                FileUtils.deleteQuietly(profile.toFile());
            }
        }
    }

    /** Icons of Jenkins are in its war, but not on the class path of tests, so that pages would show a cross for each. */
    private static void bringSymbols() throws IOException {
        String symbols = "images/symbols";
        try {
            Path war = WarExploder.getExplodedDir().toPath();
            Path classes = Path.of(Browser.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path here = Files.createDirectories(classes.resolve(symbols));
            try (Stream<Path> all = Files.list(war.resolve("WEB-INF/classes/" + symbols))) {
                for (Path symbol : all.toList()) {
                    bring(symbol, here.resolve(symbol.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Tests in other processes may do the same at this moment, or read the file. */
    private static void bring(Path symbol, Path target) throws IOException {
        if (!Files.exists(target)) {
            Path whole = Files.createTempFile(target.getParent(), "symbol", ".part");
            Files.copy(symbol, whole, StandardCopyOption.REPLACE_EXISTING);
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static File executable(String... names) {
        Optional<File> found = Stream.of(names)
                .flatMap(name -> Arrays.stream(
                                System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .map(folder -> new File(folder, name)))
                .filter(File::canExecute)
                .filter(File::isFile)
                .findFirst();
        return found.orElseGet(() -> abort("There is no " + names[0] + " here, so nothing was tested in a browser."));
    }

    /** Lets pages read and write the clipboard without asking. */
    void allowClipboard() {
        driver.executeCdpCommand(
                "Browser.grantPermissions",
                Map.of("permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite")));
    }

    /** Opens a page by its path below the root of Jenkins, such as {@code manage/configure}. */
    public Browser goTo(String path) throws IOException {
        driver.get(jenkins.getURL() + path);
        return this;
    }

    /**
     * From now on pages are shown with a dark theme to somebody who prefers dark colours. Themes are plugins of their own;
     * this one does what they do, with the colours of the plugin Dark Theme.
     */
    public Browser dark() {
        light();
        String script =
                resource("dark-theme.js").replace("CSS_TEXT", new TextNode(resource("dark-theme.css")).toString());
        Map<String, Object> added =
                driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
        theme = (String) added.get("identifier");
        driver.executeScript(script);
        return prefersColourScheme("dark");
    }

    /** From now on pages are shown as Jenkins shows them without a theme, to somebody who prefers light colours. */
    public Browser light() {
        if (theme != null) {
            driver.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", theme));
            driver.executeScript(
                    "document.adoptedStyleSheets = []; document.documentElement.removeAttribute('data-theme')");
            theme = null;
        }
        return prefersColourScheme("light");
    }

    private Browser prefersColourScheme(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        return settled();
    }

    /** Waits for the ends of transitions: until then colours are neither those of before nor those of after a change. */
    private Browser settled() {
        driver.executeAsyncScript("""
                const done = arguments[0];
                const underWay = () => document.getAnimations()
                    .filter(each => each.playState === 'running')
                    .filter(each => Number.isFinite(each.effect.getComputedTiming().endTime));
                const settle = () => underWay().length === 0
                    ? done()
                    : Promise.allSettled(underWay().map(each => each.finished)).then(settle);
                settle();
                """);
        return this;
    }

    private static String resource(String name) {
        try (InputStream in = Browser.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives the window another size, in pixels. */
    public Browser size(int width, int height) {
        driver.manage().window().setSize(new Dimension(width, height));
        return this;
    }

    /** For what this class has no words for. */
    public ChromeDriver driver() {
        return driver;
    }

    /** Waits until {@code found} gives something else than null or false; what is not there yet does not matter. */
    public <T> T await(String what, Function<WebDriver, T> found) {
        try {
            return new WebDriverWait(driver, PATIENCE)
                    .withMessage(what)
                    .ignoring(WebDriverException.class)
                    .until(found);
        } catch (TimeoutException e) {
            screenshot("failed");
            throw e;
        }
    }

    /** Waits for the element and brings it into view. */
    public WebElement element(By by) {
        WebElement element = await(by.toString(), page -> page.findElement(by));
        driver.executeScript("arguments[0].scrollIntoView({block: 'center'})", element);
        return element;
    }

    /** Waits for the button with that caption and presses it. */
    public Browser press(String caption) {
        element(By.xpath("//button[normalize-space()='" + caption + "']")).click();
        return this;
    }

    /** Waits until a dialog asks that; it fades in, and has no text before it is visible. */
    public WebElement dialog(String question) {
        By open = By.cssSelector("dialog.jenkins-dialog[open]");
        WebElement dialog = await(
                question,
                page -> page.findElements(open).stream()
                        .filter(each -> each.getText().contains(question))
                        .findFirst()
                        .orElse(null));
        settled();
        return dialog;
    }

    /** What axe-core finds serious or worse in the parts of the page that the selector names; none is as it should be. */
    public List<String> barriers(String selector) {
        return barriers(selector, List.of(), List.of());
    }

    /**
     * As {@link #barriers}, but without what the form tags of Jenkins make of every field of every plugin: captions that are
     * tied to no field, the order of help links, and the colour of complaints.
     */
    public List<String> barriersInForm(String selector) {
        return barriers(
                selector, List.of(".jenkins-help-button", ".validation-error-area"), List.of("label", "select-name"));
    }

    @SuppressWarnings("unchecked")
    private List<String> barriers(String selector, List<String> leftOut, List<String> rulesOff) {
        settled();
        driver.executeScript(resource("/axe.min.js"));
        return (List<String>) driver.executeAsyncScript("""
                const [selector, exclude, rulesOff, done] = arguments;
                const rules = Object.fromEntries(rulesOff.map(rule => [rule, { enabled: false }]));
                axe.run({ include: [selector], exclude }, { rules }).then(found => done(found.violations
                    .filter(each => ['serious', 'critical'].includes(each.impact))
                    .map(each => each.id + ': ' + each.nodes.map(node => node.html).join(' '))));
                """, selector, leftOut, rulesOff);
    }

    /** Whether the page is wider than the window. */
    public boolean scrollsSideways() {
        return (Boolean) driver.executeScript(
                "return document.documentElement.scrollWidth > document.documentElement.clientWidth");
    }

    /** Keeps what is visible now as {@code target/screenshots/<name>.png}. */
    public Path screenshot(String name) {
        return write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }

    /**
     * Keeps what the elements fill, and a little around it, as {@code target/screenshots/<name>.png}; with {@code
     * -Ddocs.images} also among the pictures of the documentation. Without elements it keeps the whole window.
     */
    public Path picture(String name, WebElement... elements) {
        Dimension before = driver.manage().window().getSize();
        try {
            byte[] png = elements.length == 0 ? driver.getScreenshotAs(OutputType.BYTES) : cut(elements);
            if (System.getProperty("docs.images") != null) {
                write(DOCS_IMAGES.resolve(name + ".png"), png);
            }
            return write(SCREENSHOTS.resolve(name + ".png"), png);
        } finally {
            driver.manage().window().setSize(before);
        }
    }

    /** In a window so high that the bars of Jenkins at its edges do not cover the elements. */
    private byte[] cut(WebElement... elements) {
        size(1280, around(elements).height + 500);
        driver.executeScript("arguments[0].scrollIntoView({block: 'center'})", elements[0]);
        Rectangle part = around(elements);
        driver.executeScript("scrollBy(0, arguments[0] - innerHeight / 2)", part.y + part.height / 2);
        part = around(elements);
        try (InputStream screen = new ByteArrayInputStream(driver.getScreenshotAs(OutputType.BYTES))) {
            BufferedImage image = ImageIO.read(screen);
            part = part.intersection(new Rectangle(image.getWidth(), image.getHeight()));
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(image.getSubimage(part.x, part.y, part.width, part.height), "png", png);
            return png.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where they are in the window, and a little around them. */
    private Rectangle around(WebElement... elements) {
        Rectangle all = new Rectangle(-1, -1);
        for (WebElement element : elements) {
            List<?> box = (List<?>) driver.executeScript(
                    "const box = arguments[0].getBoundingClientRect();"
                            + "return [box.x, box.y, box.width, box.height].map(Math.round)",
                    element);
            int[] pixels =
                    box.stream().mapToInt(part -> ((Number) part).intValue()).toArray();
            all.add(new Rectangle(pixels[0], pixels[1], pixels[2], pixels[3]));
        }
        all.grow(MARGIN, MARGIN / 4);
        return all;
    }

    private static Path write(Path file, byte[] png) {
        try {
            Files.createDirectories(file.getParent());
            return Files.write(file, png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            light();
            chromium.forget();
            IDLE.add(chromium);
        } catch (WebDriverException e) {
            // the process quits it in the end
            LOGGER.log(Level.INFO, "Not used again", e);
        }
    }
}
