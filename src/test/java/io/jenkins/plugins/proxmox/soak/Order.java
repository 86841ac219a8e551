package io.jenkins.plugins.proxmox.soak;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** A build to be: what it does with its guest, one operation after the other. */
record Order(String job, boolean freestyle, ArrayList<Operation> operations) implements Serializable {

    /** After an operation has failed, what it has begun may go on for that long. */
    static final int SECONDS_AFTER_FAILURE = 8;

    static Order of(String job, boolean freestyle, List<Operation> operations) {
        return new Order(job, freestyle, new ArrayList<>(operations));
    }

    /**
     * The script of a Pipeline. It goes on after a failure, and keeps what came of each operation in the description of
     * the build, which is on the disk before the next one begins.
     */
    String script() {
        StringBuilder script = new StringBuilder("def done = []\n");
        for (int i = 0; i < operations.size(); i++) {
            script.append("try {\n")
                    .append(operations.get(i).pipeline())
                    .append("\ndone << '" + i + ":ok'\n")
                    .append("} catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException e) {\nthrow e\n")
                    .append("} catch (Exception e) {\necho \"operation " + i + " failed: ${e}\"\n")
                    .append("done << '" + i + ":failed'\nsleep " + SECONDS_AFTER_FAILURE + "\n}\n")
                    .append("currentBuild.description = done.join(' ')\n");
        }
        return script.toString();
    }
}
