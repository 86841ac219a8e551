package io.jenkins.plugins.proxmox.server;

import hudson.init.InitMilestone;
import hudson.init.Initializer;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import org.jvnet.localizer.LocaleProvider;

/**
 * The language of messages from the Proxmox wing. In answers to a browser, that of its user; in builds and in the
 * background, that of the controller, like everything else in Jenkins.
 */
public final class ControllerLanguage {

    private ControllerLanguage() {}

    /** Runs before anything that can produce a message. */
    @Initializer(after = InitMilestone.PLUGINS_STARTED, before = InitMilestone.EXTENSIONS_AUGMENTED)
    public static void isThatOfJenkins() {
        MessageBundle.readBy(LocaleProvider::getLocale);
    }
}
