package io.jenkins.plugins.proxmox.pve.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One call of the API. {@link #toString} leaves the form fields out.
 *
 * @param form the fields of a POST or PUT, each with its values; a field with several values is a list to Proxmox VE
 */
public record ApiRequest(Method method, ApiPath path, Map<String, List<String>> form) {

    /** The methods that this client needs. All but GET change something. */
    public enum Method {
        GET,
        POST,
        PUT,
        DELETE
    }

    private static final ApiPath LOGIN = ApiPath.of("access", "ticket");

    public ApiRequest {
        // insertion order is kept: requests are easier to compare in a trace
        form = new LinkedHashMap<>(form);
    }

    private static Map<String, List<String>> single(Map<String, String> form) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        form.forEach((name, value) -> fields.put(name, List.of(value)));
        return fields;
    }

    public static ApiRequest get(ApiPath path) {
        return new ApiRequest(Method.GET, path, Map.of());
    }

    public static ApiRequest post(ApiPath path, Map<String, String> form) {
        return new ApiRequest(Method.POST, path, single(form));
    }

    public static ApiRequest put(ApiPath path, Map<String, String> form) {
        return new ApiRequest(Method.PUT, path, single(form));
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

    boolean hasForm() {
        return method == Method.POST || method == Method.PUT;
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
