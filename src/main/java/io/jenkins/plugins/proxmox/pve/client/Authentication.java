package io.jenkins.plugins.proxmox.pve.client;

/** How a client authenticates: with an API token, or with a ticket obtained for a password. */
public sealed interface Authentication permits ApiToken, TicketLogin {

    /** The identity for messages: {@code user@realm!name} or {@code user@realm}. Never a secret. */
    String identity();
}
