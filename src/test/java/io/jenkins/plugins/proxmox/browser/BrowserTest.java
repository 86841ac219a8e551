package io.jenkins.plugins.proxmox.browser;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** The browser does what tests ask of it. */
@WithOneJenkins
class BrowserTest {

    private static boolean matches(Browser browser, String query) {
        return (Boolean) browser.driver().executeScript("return matchMedia(arguments[0]).matches", query);
    }

    private static String background(Browser browser) {
        return (String) browser.driver()
                .executeScript("const pixel = document.createElement('canvas').getContext('2d');"
                        + "pixel.fillStyle = getComputedStyle(document.body).backgroundColor;"
                        + "pixel.fillRect(0, 0, 1, 1);"
                        + "return Array.from(pixel.getImageData(0, 0, 1, 1).data).every(part => part > 200)"
                        + " ? 'light' : 'dark'");
    }

    @Test
    void prefersTheColoursThatItIsTold(JenkinsRule jenkins) throws Exception {
        try (Browser browser = Browser.open(jenkins).goTo("")) {
            assertThat(matches(browser, "(prefers-color-scheme: light)"), is(true));
            browser.dark();
            assertThat(matches(browser, "(prefers-color-scheme: dark)"), is(true));
            browser.goTo("manage/");
            assertThat("on the next page too", matches(browser, "(prefers-color-scheme: dark)"), is(true));
        }
    }

    @Test
    void hasADarkTheme(JenkinsRule jenkins) throws Exception {
        try (Browser browser = Browser.open(jenkins).goTo("")) {
            assertThat(background(browser), is("light"));
            assertThat(background(browser.dark()), is("dark"));
            assertThat(background(browser.goTo("manage/")), is("dark"));
            assertThat(background(browser.light()), is("light"));
            assertThat(background(browser.goTo("")), is("light"));
        }
    }

    @Test
    void keepsPictures(JenkinsRule jenkins) throws Exception {
        try (Browser browser = Browser.open(jenkins).size(400, 600).goTo("")) {
            assertThat(matches(browser, "(max-width: 500px)"), is(true));
            Path picture = browser.screenshot("narrow");
            assertThat(Files.size(picture), is(greaterThan(1000L)));
            Files.delete(picture);
        }
    }
}
