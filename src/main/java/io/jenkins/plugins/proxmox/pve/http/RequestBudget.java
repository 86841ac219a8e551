package io.jenkins.plugins.proxmox.pve.http;

/** How many requests may still be sent. Every attempt counts: logins, retries, and those on another address. */
public final class RequestBudget {

    /** Without a limit. */
    public static final RequestBudget UNLIMITED = new RequestBudget(-1);

    private final boolean limited;
    private int left;

    private RequestBudget(int left) {
        this.limited = left >= 0;
        this.left = left;
    }

    public static RequestBudget of(int requests) {
        if (requests < 0) {
            throw new IllegalArgumentException("A number of requests is not negative.");
        }
        return new RequestBudget(requests);
    }

    /**
     * Takes one request.
     *
     * @throws RequestLimitException when none is left
     */
    synchronized void take(ApiRequest request) throws RequestLimitException {
        if (limited && left-- <= 0) {
            left = 0;
            throw new RequestLimitException(request);
        }
    }

    /** Returns a request that was not sent, because no connection was established. */
    synchronized void giveBack() {
        if (limited) {
            left++;
        }
    }
}
