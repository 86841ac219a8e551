package io.jenkins.plugins.proxmox.overview;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.lease.MarkedClone;
import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.model.ResourceUsage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The JSON of a server view for the page. Everything is text to show, except {@code explanation}, which is markup made
 * and escaped here.
 *
 * <p>Users with Manage see the nodes, the guests, and what Jenkins can do with them. Only administrators see the
 * identity that Jenkins uses and why a request failed, since an explanation names accounts, addresses and commands.
 */
final class ServerViewJson {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ServerViewJson() {}

    /** The view is not ready yet. */
    static ObjectNode pending() {
        return state("pending");
    }

    static ObjectNode of(ServerView view, boolean forAdministrator) {
        ObjectNode json;
        if (view instanceof ServerView.Seen seen) {
            json = of(seen, forAdministrator);
        } else if (view instanceof ServerView.Unseen unseen) {
            json = state("unseen");
            if (forAdministrator) {
                json.put("explanation", unseen.why().toHtml());
            }
        } else {
            json = state("unasked");
        }
        return json.put("takenAt", view.takenAt().toEpochMilli());
    }

    private static ObjectNode of(ServerView.Seen seen, boolean forAdministrator) {
        ObjectNode json = state("seen");
        json.put("version", seen.version().version());
        if (forAdministrator) {
            json.put("identity", seen.identity());
        }
        ArrayNode nodes = json.putArray("nodes");
        seen.resources().nodes().forEach(node -> nodes.add(of(node)));
        if (!seen.resources().leftOut().isEmpty()) {
            json.put("leftOut", seen.resources().leftOut().inWords());
        }
        // most guests have the same rights: list each set once, and give each guest the index of its set
        List<Set<GuestRight>> rights = new ArrayList<>();
        ArrayNode guests = json.putArray("guests");
        for (ListedGuest guest : seen.resources().guests()) {
            Set<GuestRight> here = GuestRight.of(seen.permissions(), guest.location());
            if (!rights.contains(here)) {
                rights.add(here);
            }
            guests.add(of(guest).put("rights", rights.indexOf(here)));
        }
        ArrayNode sets = json.putArray("rights");
        rights.forEach(set -> {
            ArrayNode names = sets.addArray();
            set.forEach(right -> names.add(right.name().toLowerCase(Locale.ROOT)));
        });
        ArrayNode clones = json.putArray("clones");
        seen.clones().clones().stream()
                .filter(MarkedClone::isLeftBehind)
                .forEach(clone -> clones.add(of(clone, forAdministrator)));
        if (seen.clones().unread() > 0) {
            json.put("unread", seen.clones().unread());
        }
        return json;
    }

    /** Its build is named to those who may see the job. Only administrators can remove it, and need to know its mark. */
    private static ObjectNode of(MarkedClone clone, boolean forAdministrator) {
        ObjectNode json = of(clone.guest()).put("orphan", clone.isToBeRemoved());
        Instant made = clone.mark().made();
        if (made != null) {
            json.put("made", made.toEpochMilli());
        }
        Run<?, ?> build = clone.build().visible();
        if (build != null) {
            json.put("build", build.getFullDisplayName()).put("buildUrl", build.getUrl());
        } else if (forAdministrator) {
            json.put("build", clone.build().toString());
        }
        return forAdministrator && clone.isToBeRemoved()
                ? json.put("mark", clone.mark().id())
                : json;
    }

    private static ObjectNode of(NodeResource node) {
        ObjectNode json = NODES.objectNode().put("name", node.name()).put("status", node.status());
        ResourceUsage usage = node.usage();
        if (usage != null) {
            json.put("cpu", usage.cpu())
                    .put("cpus", usage.cpus())
                    .put("memory", usage.memoryBytes())
                    .put("maxMemory", usage.maxMemoryBytes())
                    .put("uptime", usage.uptimeSeconds());
        }
        return json;
    }

    private static ObjectNode of(ListedGuest guest) {
        ObjectNode json = NODES.objectNode()
                .put("vmid", guest.location().vmid())
                .put("type", guest.location().type().label())
                .put("name", guest.name())
                .put("node", guest.location().node())
                .put("status", guest.status());
        if (guest.template()) {
            json.put("template", true);
        }
        if (!guest.tags().isEmpty()) {
            ArrayNode tags = json.putArray("tags");
            guest.tags().forEach(tags::add);
        }
        if (guest.lock() != null) {
            json.put("lock", guest.lock());
        }
        return json;
    }

    private static ObjectNode state(String state) {
        return NODES.objectNode().put("state", state);
    }
}
