package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import jenkins.model.RunAction2;
import org.kohsuke.stapler.export.Exported;
import org.kohsuke.stapler.export.ExportedBean;

/**
 * What a build does with guests: its operations with their tasks and outcomes, saved with the build and shown on its
 * page. Each operation is added and written before its request is sent, or when it ends without one. So if the
 * controller goes down in between, the build still shows what it requested.
 */
@ExportedBean
public final class GuestTimeline implements RunAction2 {

    private static final Logger LOGGER = Logger.getLogger(GuestTimeline.class.getName());

    /** Limits the size of the build record, which is written as a whole for each operation. */
    private static final int MOST = 200;

    /** How many the page of the build shows. The timeline's own page shows the rest. */
    private static final int FEW = 5;

    /** Never changed, only replaced, because the build may be written while another operation ends. */
    private volatile List<TimelineEntry> entries = new ArrayList<>();

    private int dropped;

    private transient Run<?, ?> run;

    private GuestTimeline() {}

    /**
     * Adds what is known about an operation to the timeline of the build, or replaces what was known before. The first
     * call creates the timeline. Writes nothing to disk and waits for no write.
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

    /** The same where a failure to do so must not affect what the entry is about. It is logged. */
    static void keep(Run<?, ?> run, TimelineEntry entry) {
        try {
            put(run, entry);
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "Could not keep what was done with " + entry.getGuest() + " in " + run, e);
        }
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

    /** All operations, in the order in which they began. */
    @NonNull
    @Exported
    public List<TimelineEntry> getEntries() {
        // the build is null if Run.reload has read a build that was over
        boolean over = run == null || !run.isLogUpdated();
        return entries.stream().map(entry -> entry.read(over)).toList();
    }

    @NonNull
    public List<TimelineEntry> getLastEntries() {
        List<TimelineEntry> all = getEntries();
        return all.subList(Math.max(0, all.size() - FEW), all.size());
    }

    /** How many earlier operations were dropped, because only the most recent are kept. */
    @Exported
    public synchronized int getDropped() {
        return dropped;
    }

    /** How many operations there were, including those that were dropped. */
    public synchronized int getCount() {
        return entries.size() + dropped;
    }

    /** Whether the page of the build shows all of them. */
    public boolean isShort() {
        return entries.size() <= FEW;
    }

    /** When the operation began, in percent of the time from the first beginning to the last end. */
    public double offset(TimelineEntry entry) {
        return percent(entry.getBegunMillis() - begin());
    }

    /** How long the operation took, in percent of that time; at least enough to be visible. */
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
