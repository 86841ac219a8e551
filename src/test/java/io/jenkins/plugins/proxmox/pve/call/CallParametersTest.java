package io.jenkins.plugins.proxmox.pve.call;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallParametersTest {

    @Test
    void writesThemAsProxmoxVeReadsThem() {
        Map<String, Object> given = new LinkedHashMap<>();
        given.put("memory", 2048);
        given.put("half", new BigDecimal("60.0"));
        given.put("share", 0.5);
        given.put("big", 12345678901L);
        given.put("onboot", true);
        given.put("full", false);
        given.put("name", new StringBuilder("web-1"));
        given.put("tags", "");
        given.put("absent", null);
        given.put("command", Arrays.asList("echo", 2, true, null));
        given.put("none", List.of());
        assertThat(
                CallParameters.of(given),
                hasToString("{memory=[2048], half=[60], share=[0.5], big=[12345678901], onboot=[1], full=[0], "
                        + "name=[web-1], tags=[], command=[echo, 2, 1]}"));
        assertThat("an empty text is a value", CallParameters.of(given).get("tags"), is(List.of("")));
    }

    @Test
    void refusesValuesThatAreNoParameters() {
        for (Object value : List.of(Map.of("a", 1), List.of(List.of(1)), List.of(Map.of()), new Object(), new int[0])) {
            var refusal =
                    assertThrows(IllegalArgumentException.class, () -> CallParameters.of(Map.of("nested", value)));
            assertThat(refusal.getMessage(), containsString("parameters: nested is neither text, number"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a&b", "a=b", "a\nb", "a?b", "\u00e4", "a/b"})
    void refusesNamesThatAreNoParameters(String name) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> CallParameters.of(Map.of(name, 1)));
        assertThat(refusal.getMessage(), containsString("is not the name of a parameter"));
    }

    /** PVE::APIServer::AnyEvent: a body on GET or DELETE is a 501. */
    @Test
    void sendsThemInTheQueryOfGetAndDeleteAndInTheFormOfTheOthers() {
        Map<String, List<String>> parameters = Map.of("a", List.of("1", "2&b=3"));
        for (Method method : Method.values()) {
            ApiRequest request =
                    ApiCall.of(method, CallPath.parse("/pools"), parameters).request();
            boolean form = method == Method.POST || method == Method.PUT;
            assertThat(method.name(), request.form(), is(form ? parameters : Map.of()));
            assertThat(request, hasToString(method + " /pools"));
        }
    }

    /** Groovy writes a number of a billion digits in eleven characters. */
    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "1e-999999999", "-1e2147483646"})
    void refusesANumberThatFillsTheMemory(String number) {
        Map<String, Object> given = Map.of("n", new BigDecimal(number));
        var refusal = assertThrows(IllegalArgumentException.class, () -> CallParameters.of(given));
        assertThat(refusal.getMessage(), containsString("more than 400 digits"));
    }

    @Test
    void takesTheLargestNumberOfADouble() {
        assertThat(
                CallParameters.of(Map.of("n", Double.MAX_VALUE)).get("n").get(0).length(), is(309));
    }
}
