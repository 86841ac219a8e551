package io.jenkins.plugins.proxmox.freestyle;

import hudson.model.Result;
import hudson.util.ListBoxModel;
import java.util.Locale;

/** After which builds a post-build step runs. The names are those of the conditions of {@code post}. */
enum BuildCondition {
    ALWAYS,
    SUCCESS,
    /** Unstable, failed or aborted. */
    UNSUCCESSFUL;

    boolean isGiven(Result result) {
        boolean success = result.equals(Result.SUCCESS);
        return switch (this) {
            case ALWAYS -> true;
            case SUCCESS -> success;
            case UNSUCCESSFUL -> !success;
        };
    }

    static ListBoxModel menu() {
        ListBoxModel menu = new ListBoxModel();
        menu.add(Messages.BuildCondition_always(), ALWAYS.toString());
        menu.add(Messages.BuildCondition_success(), SUCCESS.toString());
        menu.add(Messages.BuildCondition_unsuccessful(), UNSUCCESSFUL.toString());
        return menu;
    }

    /** The name in jobs, such as {@code always}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
