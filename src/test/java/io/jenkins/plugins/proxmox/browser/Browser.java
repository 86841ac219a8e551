package io.jenkins.plugins.proxmox.browser;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.jvnet.hudson.test.JenkinsRule;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebDriver;
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

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final JenkinsRule jenkins;
    private final ChromeDriver driver;
    private final Path profile;

    private Browser(JenkinsRule jenkins, ChromeDriver driver, Path profile) {
        this.jenkins = jenkins;
        this.driver = driver;
        this.profile = profile;
    }

    /** A browser that has seen nothing yet, in a window of 1280 by 1000 pixels, with light colours. */
    public static Browser open(JenkinsRule jenkins) {
        File chromium = executable("chromium", "chromium-browser", "google-chrome");
        File chromedriver = executable("chromedriver");
        try {
            Path profile = Files.createTempDirectory("proxmox-browser");
            ChromeDriverService service = new ChromeDriverService.Builder()
                    .usingDriverExecutable(chromedriver)
                    .usingAnyFreePort()
                    .build();
            service.sendOutputTo(OutputStream.nullOutputStream());
            ChromeOptions options = new ChromeOptions();
            options.setBinary(chromium);
            options.addArguments(
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--no-proxy-server",
                    "--user-data-dir=" + profile);
            return new Browser(jenkins, new ChromeDriver(service, options), profile)
                    .size(1280, 1000)
                    .light();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

    /** Opens a page by its path below the root of Jenkins, such as {@code manage/configure}. */
    public Browser goTo(String path) throws IOException {
        driver.get(jenkins.getURL() + path);
        return this;
    }

    /** From now on pages are shown to somebody who prefers dark colours. */
    public Browser dark() {
        return prefersColourScheme("dark");
    }

    /** From now on pages are shown to somebody who prefers light colours. */
    public Browser light() {
        return prefersColourScheme("light");
    }

    private Browser prefersColourScheme(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        return this;
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
                    .ignoring(org.openqa.selenium.WebDriverException.class)
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

    /** Keeps what is visible now as {@code target/screenshots/<name>.png}. */
    public Path screenshot(String name) {
        try {
            Files.createDirectories(SCREENSHOTS);
            return Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            driver.quit();
        } finally {
            FileUtils.deleteQuietly(profile.toFile());
        }
    }
}
