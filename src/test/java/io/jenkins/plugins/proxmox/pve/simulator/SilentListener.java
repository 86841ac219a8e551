package io.jenkins.plugins.proxmox.pve.simulator;

import org.apache.hc.core5.http.ExceptionListener;
import org.apache.hc.core5.http.HttpConnection;

/** Broken connections are part of the simulation, not news. */
final class SilentListener implements ExceptionListener {

    @Override
    public void onError(Exception e) {
        // a client went away, or a fault was injected
    }

    @Override
    public void onError(HttpConnection connection, Exception e) {
        // a client went away, or a fault was injected
    }
}
