package io.jenkins.plugins.proxmox.server;

import hudson.init.InitMilestone;
import hudson.init.Initializer;
import io.jenkins.plugins.proxmox.pve.text.Wording;
import org.jvnet.localizer.LocaleProvider;

/**
 * The language in which the Proxmox wing speaks: in answer to a browser that of its user, in builds and in the background
 * that of the controller, as of everything else in Jenkins.
 */
public final class ControllerLanguage {

    private ControllerLanguage() {}

    /** Before anything that has to say something begins. */
    @Initializer(after = InitMilestone.PLUGINS_STARTED, before = InitMilestone.EXTENSIONS_AUGMENTED)
    public static void isThatOfJenkins() {
        Wording.readBy(LocaleProvider::getLocale);
    }
}
