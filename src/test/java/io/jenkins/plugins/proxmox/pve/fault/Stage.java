package io.jenkins.plugins.proxmox.pve.fault;

import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A place in the course of an operation: the first of equal requests in a row.
 *
 * @param request such as {@code GET /nodes/pve1/tasks}
 * @param occurrence how many such places are before it
 */
record Stage(String request, int occurrence) {

    private static String without(String path) {
        return path.replaceAll("UPID:[^/]*", "UPID").replaceAll("/qemu/|/lxc/", "/guest/");
    }

    private static String of(ReceivedRequest request) {
        return request.method() + " " + without(request.path());
    }

    boolean isWrite() {
        return !request.startsWith("GET ");
    }

    /** All places in the course of those requests, in order. */
    static List<Stage> in(List<ReceivedRequest> requests) {
        List<Stage> stages = new ArrayList<>();
        String last = null;
        for (ReceivedRequest each : requests) {
            String request = of(each);
            if (!request.equals(last)) {
                int before = (int) stages.stream()
                        .filter(stage -> stage.request.equals(request))
                        .count();
                stages.add(new Stage(request, before));
            }
            last = request;
        }
        return stages;
    }

    /** Recognizes the place among the requests of one operation. */
    Predicate<ReceivedRequest> meeting() {
        return new Predicate<>() {
            private String last;
            private int before;

            @Override
            public synchronized boolean test(ReceivedRequest received) {
                String now = of(received);
                boolean another = !now.equals(last);
                last = now;
                if (!another || !now.equals(request)) {
                    return false;
                }
                return before++ == occurrence;
            }
        };
    }

    @Override
    public String toString() {
        return request + (occurrence == 0 ? "" : " (" + (occurrence + 1) + ")");
    }
}
