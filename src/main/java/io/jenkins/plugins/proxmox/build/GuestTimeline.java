package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jenkins.model.RunAction2;
import org.kohsuke.stapler.export.Exported;
import org.kohsuke.stapler.export.ExportedBean;

/**
 * What a build does with guests: its operations with their tasks and outcomes, kept with the build and shown on its page.
 * Each operation is added and written before its request leaves, or when it ends without one, so that a build whose
 * controller ends in between tells what it has asked for.
 */
@ExportedBean
public final class GuestTimeline implements RunAction2 {

    /** So that the record of a build, which is written whole for each operation, stays small. */
    private static final int MOST = 200;

    /** As many as the page of the build shows; the rest is on the timeline's own page. */
    private static final int FEW = 5;

    /** Never changed, only replaced: the build may be written while another operation ends. */
    private volatile List<TimelineEntry> entries = new ArrayList<>();

    /** How many earlier operations were left out. */
    private int dropped;

    private transient Run<?, ?> run;

    private GuestTimeline() {}

    /**
     * Puts what is known of an operation into the timeline of the build, which gets one with its first: in the place of
     * what was known of it before. Writes nothing to disk, and waits for nobody who does.
     */
    static void put(Run<?, ?> run, TimelineEntry entry) {
        GuestTimeline timeline;
        // not the build, which is locked while it is written
        synchronized (GuestTimeline.class) {
            timeline = run.getAction(GuestTimeline.class);
            if (timeline == null) {
                timeline = new GuestTimeline();
                timeline.put(entry);
                run.addAction(timeline);
                return;
            }
        }
        timeline.put(entry);
    }

    private synchronized void put(TimelineEntry entry) {
        List<TimelineEntry> next = new ArrayList<>(entries);
        for (int i = 0; i < next.size(); i++) {
            if (entry.continues(next.get(i))) {
                next.set(i, entry.after(next.get(i)));
                entries = next;
                return;
            }
        }
        next.add(entry);
        next.sort(Comparator.comparingLong(TimelineEntry::getBegunMillis));
        if (next.size() > MOST) {
            dropFirstThatIsOver(next);
        }
        entries = next;
    }

    private void dropFirstThatIsOver(List<TimelineEntry> all) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).isOver()) {
                all.remove(i);
                dropped++;
                return;
            }
        }
    }

    /** All operations in the order in which they began. */
    @NonNull
    @Exported
    public List<TimelineEntry> getEntries() {
        // no build is known where one that was over was read again by Run.reload
        boolean over = run == null || !run.isLogUpdated();
        return entries.stream().map(entry -> entry.read(over)).toList();
    }

    /** The operations that the page of the build shows: the last ones. */
    @NonNull
    public List<TimelineEntry> getLastEntries() {
        List<TimelineEntry> all = getEntries();
        return all.subList(Math.max(0, all.size() - FEW), all.size());
    }

    /** How many earlier operations are not kept any more: of very many only the last ones are. */
    @Exported
    public synchronized int getDropped() {
        return dropped;
    }

    /** How many operations there were, those included that are not kept any more. */
    public synchronized int getCount() {
        return entries.size() + dropped;
    }

    /** Whether the page of the build shows them all. */
    public boolean isShort() {
        return entries.size() <= FEW;
    }

    /** Where the operation begins between the beginning of the first and the end of the last one, in percent. */
    public double offset(TimelineEntry entry) {
        return percent(entry.getBegunMillis() - begin());
    }

    /** How much of that time it took, in percent; enough to be seen. */
    public double share(TimelineEntry entry) {
        return Math.max(1, percent(entry.endMillis() - entry.getBegunMillis()));
    }

    private double percent(long millis) {
        long whole =
                getEntries().stream().mapToLong(TimelineEntry::endMillis).max().orElse(0) - begin();
        return whole <= 0 ? 0 : Math.min(100, Math.round(1000.0 * millis / whole) / 10.0);
    }

    private long begin() {
        return entries.get(0).getBegunMillis();
    }

    @Override
    public void onAttached(Run<?, ?> attached) {
        run = attached;
    }

    @Override
    public void onLoad(Run<?, ?> attached) {
        run = attached;
    }

    /** The build, for the page. */
    public Run<?, ?> getRun() {
        return run;
    }

    @CheckForNull
    @Override
    public String getIconFileName() {
        return isShort() ? null : "symbol-proxmox plugin-proxmox-ve";
    }

    @NonNull
    @Override
    public String getDisplayName() {
        return Messages.GuestTimeline_displayName();
    }

    @NonNull
    @Override
    public String getUrlName() {
        return "proxmox-ve";
    }
}
