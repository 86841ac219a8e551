package io.jenkins.plugins.proxmox.pve.call;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import java.io.Serializable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A call of any path of the API. {@link #toString} leaves the parameters out, which may be secret.
 *
 * @param parameters each with its values
 * @param timeout for everything, from the beginning to the end of the task
 * @param awaited whether to wait for the task that a write begins
 * @param cancelsTask whether to cancel the task as well when the wait is given up
 */
public record ApiCall(
        Method method,
        CallPath path,
        Map<String, List<String>> parameters,
        Duration timeout,
        boolean awaited,
        boolean cancelsTask)
        implements Serializable {

    /**
     * @throws IllegalArgumentException when no rule can allow it, or the timeout is not possible
     */
    public ApiCall {
        OperationRequest.requirePossible(timeout);
        parameters = new LinkedHashMap<>(parameters);
    }

    /**
     * The call with the default timeout, awaited.
     *
     * @throws IllegalArgumentException when no rule can allow it
     */
    @NonNull
    public static ApiCall of(Method method, CallPath path, Map<String, List<String>> parameters) {
        ApiCall call = new ApiCall(method, path, parameters, OperationRequest.DEFAULT_TIMEOUT, true, false);
        CallRules.requirePossible(call);
        return call;
    }

    @NonNull
    public ApiCall within(Duration limit) {
        return new ApiCall(method, path, parameters, limit, awaited, cancelsTask);
    }

    @NonNull
    public ApiCall awaited(boolean wanted) {
        return new ApiCall(method, path, parameters, timeout, wanted, cancelsTask);
    }

    @NonNull
    public ApiCall cancelsTask(boolean wanted) {
        return new ApiCall(method, path, parameters, timeout, awaited, wanted);
    }

    public boolean isWrite() {
        return method != Method.GET;
    }

    /** A body on GET or DELETE is a 501 in Proxmox VE: their parameters are the query. */
    @NonNull
    ApiRequest request() {
        if (method == Method.POST || method == Method.PUT) {
            return new ApiRequest(method, path.toApiPath(), parameters);
        }
        ApiPath withQuery = path.toApiPath();
        for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
            for (String value : parameter.getValue()) {
                withQuery = withQuery.with(parameter.getKey(), value);
            }
        }
        return new ApiRequest(method, withQuery, Map.of());
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
