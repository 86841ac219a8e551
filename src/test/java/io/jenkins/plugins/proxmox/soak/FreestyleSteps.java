package io.jenkins.plugins.proxmox.soak;

import hudson.model.FreeStyleProject;
import hudson.tasks.Builder;
import io.jenkins.plugins.proxmox.freestyle.CloneBuildStep;
import io.jenkins.plugins.proxmox.freestyle.DeletionBuildStep;
import io.jenkins.plugins.proxmox.freestyle.GuestBuildStep;
import io.jenkins.plugins.proxmox.freestyle.GuestCommandStep;
import io.jenkins.plugins.proxmox.freestyle.SnapshotBuildStep;
import io.jenkins.plugins.proxmox.freestyle.StartedGuestWrapper;
import io.jenkins.plugins.proxmox.soak.Operation.Kind;
import io.jenkins.plugins.proxmox.soak.Operation.Target;
import java.io.IOException;
import java.util.List;

/** The operations of a build as a freestyle job has them. */
final class FreestyleSteps {

    private FreestyleSteps() {}

    /** Whether there is a build step or a build wrapper for it. */
    static boolean exist(Kind kind) {
        return kind != Kind.DESCRIBE;
    }

    /** Replaces what the job does. A wrapper is around all of it. */
    static void put(FreeStyleProject job, List<Operation> operations) throws IOException {
        job.getBuildersList().clear();
        job.getBuildWrappersList().clear();
        for (Operation each : operations) {
            if (each.kind().isLease()) {
                job.getBuildWrappersList().add(wrapper(each));
            } else {
                job.getBuildersList().addAll(steps(each));
            }
        }
    }

    private static List<Builder> steps(Operation operation) {
        Target target = operation.target();
        return switch (operation.kind()) {
            case START -> List.of(power("start", target, null));
            case START_AND_WAIT -> List.of(power("start", target, target.container() ? "ip" : "agent"));
            case STOP -> List.of(power("stop", target, null));
            case SHUTDOWN -> List.of(power("shutdown", target, null));
            case REBOOT -> List.of(power("start", target, null), power("reboot", target, null));
            case SNAPSHOT -> List.of(snapshot("create", operation));
            case DELETE_SNAPSHOT -> List.of(snapshot("delete", operation));
            case ROLLBACK, ROLLBACK_AND_START -> List.of(snapshot("rollback", operation));
            case EXEC -> List.of(power("start", target, "agent"), command(operation));
            case CLONE -> List.of(cloning(target));
            case DELETE -> List.of(deletion(target));
            default -> throw new IllegalArgumentException(operation.toString());
        };
    }

    private static Builder power(String action, Target target, String waitFor) {
        GuestBuildStep step = new GuestBuildStep(action);
        step.setServer(target.server());
        step.setVmid(target.vmid());
        step.setTimeout(Operation.TIMEOUT);
        step.setWaitForLock(true);
        if (action.equals("shutdown")) {
            step.setForceStop(true);
        }
        if (waitFor != null) {
            step.setWaitFor(waitFor);
        }
        return step;
    }

    private static Builder snapshot(String action, Operation operation) {
        SnapshotBuildStep step = new SnapshotBuildStep(action);
        step.setServer(operation.target().server());
        step.setVmid(operation.target().vmid());
        step.setTimeout(Operation.TIMEOUT);
        step.setWaitForLock(true);
        step.setSnapshot(operation.detail());
        if (action.equals("create")) {
            step.setIfExists("replace");
        } else {
            step.setIfMissing("ignore");
        }
        if (operation.kind() == Kind.ROLLBACK_AND_START) {
            step.setStart(true);
        }
        return step;
    }

    private static Builder command(Operation operation) {
        GuestCommandStep step = new GuestCommandStep(operation.command());
        step.setServer(operation.target().server());
        step.setVmid(operation.target().vmid());
        step.setTimeout(Operation.TIMEOUT);
        return step;
    }

    private static Builder cloning(Target target) {
        CloneBuildStep step = new CloneBuildStep(target.template());
        step.setServer(target.server());
        step.setVmid(target.vmid());
        step.setName("clone-" + target.vmid());
        step.setFull(target.container());
        step.setTimeout(Operation.TIMEOUT);
        step.setWaitForLock(true);
        return step;
    }

    private static Builder deletion(Target target) {
        DeletionBuildStep step = new DeletionBuildStep();
        step.setServer(target.server());
        step.setVmid(target.vmid());
        step.setTimeout(Operation.TIMEOUT);
        step.setStop(true);
        step.setIfMissing("ignore");
        step.setWaitForLock(true);
        return step;
    }

    private static StartedGuestWrapper wrapper(Operation operation) {
        Target target = operation.target();
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        wrapper.setServer(target.server());
        wrapper.setTimeout(Operation.TIMEOUT);
        if (operation.kind() == Kind.WITH_TEMPLATE) {
            wrapper.setTemplate(target.template());
            wrapper.setFull(target.container());
            wrapper.setName("leased-" + operation.number());
            return wrapper;
        }
        wrapper.setVmid(target.vmid());
        wrapper.setWaitForLock(true);
        switch (operation.kind()) {
            case WITH_AND_STOP -> wrapper.setOnExit("stop");
            case WITH_SNAPSHOT -> {
                wrapper.setSnapshot(Operation.BASE);
                wrapper.setOnExit("rollback");
            }
            default -> {
                // puts it back as it was
            }
        }
        return wrapper;
    }
}
