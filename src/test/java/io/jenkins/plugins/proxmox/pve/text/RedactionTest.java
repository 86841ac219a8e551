package io.jenkins.plugins.proxmox.pve.text;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

    /** As headers, forms, JSON and pages repeat it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "p\"a/s&s wör:d",
                "p%22a%2Fs%26s+w%C3%B6r%3Ad",
                "p%22a%2Fs%26s%20w%C3%B6r%3Ad",
                "p%22a%2fs%26s+w%c3%b6r%3ad",
                "p\\\"a/s&s wör:d",
                "p\\\"a\\/s&s wör:d",
                "p&quot;a/s&amp;s wör:d",
                "p\\\"a/s&s w\u00c3\u00b6r:d"
            })
    void removesASecretInEveryFormInWhichItComesBack(String form) {
        assertThat(new Redaction("p\"a/s&s wör:d").of("got <" + form + ">"), is("got <********>"));
    }

    @Test
    void removesTheLongerOfTwoSecretsFirst() {
        assertThat(new Redaction("abc", "abcdef").of("abcdef abc"), is("******** ********"));
    }
}
