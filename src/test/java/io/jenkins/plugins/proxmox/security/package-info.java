/**
 * Attempts to break in, one class for each kind of advisory that plugins of Jenkins have had. Each is made as people who
 * may do little: see {@link io.jenkins.plugins.proxmox.security.Attacker}.
 */
package io.jenkins.plugins.proxmox.security;
