package io.jenkins.plugins.proxmox.build;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.sameInstance;

import hudson.AbortException;
import hudson.util.StreamTaskListener;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a build says: one line is one line, whatever is in it. */
class BuildConsoleTest {

    @Test
    void whatIsOneLineStaysOne() throws Exception {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try (StreamTaskListener listener = new StreamTaskListener(log, StandardCharsets.UTF_8)) {
            Consumer<String> console = BuildConsole.of(listener);
            console.accept("VM 100 (web\r\n[Proxmox VE] forged) is running");
            console.accept("escaped \u001b[8mha:AAAA\u001b[0m and \u202eturned\u2028round");
            console.accept("  pveum acl modify /vms/100");
        }
        assertThat(
                log.toString(StandardCharsets.UTF_8).lines().toList(),
                is(List.of(
                        "[Proxmox VE] VM 100 (web  [Proxmox VE] forged) is running",
                        "[Proxmox VE] escaped  [8mha:AAAA [0m and  turned round",
                        "[Proxmox VE]   pveum acl modify /vms/100")));
    }

    @Test
    void whatAPersonCanMendIsOneLine() {
        for (Exception failure : List.of(
                new AbortException("There is no server \"x\nforged\"."),
                new IllegalArgumentException("There is no server \"x\nforged\"."),
                new GuestException("There is no server \"x\nforged\"."))) {
            Throwable told = BuildConsole.failure(failure);
            assertThat(told, instanceOf(AbortException.class));
            assertThat(told.getMessage(), is("There is no server \"x forged\"."));
        }
    }

    @Test
    void aDefectKeepsItsStackTrace() {
        Throwable plain = new IllegalStateException("not leased", new NullPointerException());
        assertThat(BuildConsole.failure(plain), sameInstance(plain));

        Throwable hostile =
                new IllegalStateException("not read", new IllegalStateException("the store said: no\nERROR: forged"));
        Throwable told = BuildConsole.failure(hostile);
        assertThat(
                told.getMessage(),
                is("java.lang.IllegalStateException: not read, caused by "
                        + "java.lang.IllegalStateException: the store said: no ERROR: forged"));
        assertThat(told.getCause(), nullValue());
        assertThat(told.getStackTrace(), is(hostile.getStackTrace()));
    }
}
