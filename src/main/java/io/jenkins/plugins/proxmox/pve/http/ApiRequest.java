package io.jenkins.plugins.proxmox.pve.http;

import java.util.LinkedHashMap;
import java.util.Map;

/** One call of the API: method, path, and for a POST the form fields. {@link #toString} leaves the fields out. */
public record ApiRequest(Method method, ApiPath path, Map<String, String> form) {

    /** The methods that this client needs. All but GET change something. */
    public enum Method {
        GET,
        POST,
        DELETE
    }

    private static final ApiPath LOGIN = ApiPath.of("access", "ticket");

    public ApiRequest {
        // insertion order is kept: requests are easier to compare in a trace
        form = new LinkedHashMap<>(form);
    }

    public static ApiRequest get(ApiPath path) {
        return new ApiRequest(Method.GET, path, Map.of());
    }

    public static ApiRequest post(ApiPath path, Map<String, String> form) {
        return new ApiRequest(Method.POST, path, form);
    }

    public static ApiRequest login(String userId, String password) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("username", userId);
        form.put("password", password);
        return post(LOGIN, form);
    }

    public static ApiRequest delete(ApiPath path) {
        return new ApiRequest(Method.DELETE, path, Map.of());
    }

    public boolean isWrite() {
        return method != Method.GET;
    }

    /** Whether it matters if the server gets it twice. A login, though a POST, only issues one more ticket. */
    public boolean changesSomething() {
        return isWrite() && path != LOGIN;
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
