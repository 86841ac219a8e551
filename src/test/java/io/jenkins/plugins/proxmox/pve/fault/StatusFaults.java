package io.jenkins.plugins.proxmox.pve.fault;

import static io.jenkins.plugins.proxmox.pve.fault.FaultKind.answer;
import static io.jenkins.plugins.proxmox.pve.fault.FaultKind.onTheWire;
import static io.jenkins.plugins.proxmox.pve.fault.FaultKind.refusal;

import io.jenkins.plugins.proxmox.pve.fault.FaultKind.Ending;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import java.util.ArrayList;
import java.util.List;

/** Every status from 100 to 599, with the marks of pveproxy and without. */
public final class StatusFaults {

    private StatusFaults() {}

    public static List<FaultKind> all() {
        List<FaultKind> kinds = new ArrayList<>();
        for (int status = 100; status < 600; status++) {
            kinds.add(ofSomethingInBetween(status));
            if (status >= 400) {
                kinds.add(refusal(status, "simulated error " + status));
            }
        }
        return kinds;
    }

    private static FaultKind ofSomethingInBetween(int status) {
        String name = "status " + status + " of something in between";
        if (status < 200 || status == 204 || status == 304) {
            // never has a body
            byte[] head = WireFaults.ascii("HTTP/1.1 " + status + " Strange\r\n\r\n");
            return onTheWire(name, Ending.SUCCESS_OR_ERROR, (bytes, out) -> out.write(head));
        }
        return answer(
                name,
                Ending.SUCCESS_OR_ERROR,
                new Fault.Answer(status, "Strange", "text/html", "<html><body>Status " + status + "</body></html>"));
    }
}
