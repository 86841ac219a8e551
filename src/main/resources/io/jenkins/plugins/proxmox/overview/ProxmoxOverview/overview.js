/* global Behaviour, crumb, dialog, notificationBar */
/*
 * Fills the overview: fetches each server separately and builds its tables from the templates of the page. Whatever a
 * server sent goes into the page as text only. The one exception is the explanation of a failure: the controller made
 * and escaped its markup.
 */
(function () {
  "use strict";

  const ROWS_AT_ONCE = 100;
  const NODES_AT_ONCE = 5; // more are folded, so that the guests stay in sight
  const ASK_AGAIN_AFTER = 250; // milliseconds; the controller itself holds each request for up to a second
  const LOOK_AGAIN_AFTER = 3000; // milliseconds; while guests are being put back
  const ANNOUNCE_AFTER = 300; // milliseconds; one announcement per typed word

  let words;
  let borrowed; // the section above the servers
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const wholeNumber = new Intl.NumberFormat();
  const percent = new Intl.NumberFormat(undefined, { style: "percent" });
  const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
  const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

  function say(pattern, ...values) {
    return pattern.replace(/\{(\d)\}/g, (all, index) => values[index]);
  }

  function count(number, one, several) {
    return say(number === 1 ? one : several, wholeNumber.format(number));
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) {
      made.className = className;
    }
    if (text !== undefined) {
      made.textContent = text;
    }
    return made;
  }

  function fromTemplate(id) {
    return document.getElementById(id).content.cloneNode(true);
  }

  function memory(bytes) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
    return oneDigit.format(bytes / 2 ** (10 * power)) + "\u00a0" + units[power];
  }

  function duration(seconds) {
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    if (hours >= 24) {
      return say(words.days, Math.floor(hours / 24), hours % 24);
    }
    return hours > 0 ? say(words.hours, hours, minutes % 60) : say(words.minutes, minutes);
  }

  const KNOWN_STATES = ["online", "offline", "running", "stopped", "paused", "unknown"];

  function stateCell(status) {
    const known = KNOWN_STATES.includes(status);
    const cell = element("td");
    cell.append(
      element("span", "proxmox-state proxmox-state--" + (known ? status : "unknown"), known ? words[status] : status),
    );
    return cell;
  }

  function usageCell(share, text) {
    const cell = element("td");
    const bar = element("div", "proxmox-bar" + (share > 0.9 ? " proxmox-bar--high" : ""));
    bar.setAttribute("aria-hidden", "true");
    const used = element("span");
    used.style.width = Math.min(100, Math.max(0, share * 100)) + "%";
    bar.append(used);
    const usage = element("div", "proxmox-usage");
    usage.append(bar, element("span", "proxmox-usage__share", percent.format(share)));
    usage.append(element("span", "proxmox-usage__text", text));
    cell.append(usage);
    return cell;
  }

  function nodeRow(node) {
    const row = element("tr");
    const name = element("th", null, node.name);
    name.scope = "row";
    row.append(name, stateCell(node.status));
    if (node.maxMemory) {
      row.append(usageCell(node.cpu, say(words.cpu, oneDigit.format(node.cpu * node.cpus), node.cpus)));
      row.append(
        usageCell(node.memory / node.maxMemory, say(words.memory, memory(node.memory), memory(node.maxMemory))),
      );
      row.append(element("td", null, duration(node.uptime)));
    } else {
      row.append(element("td", null, "–"), element("td", null, "–"), element("td", null, "–"));
    }
    return row;
  }

  function guestRow(guest) {
    const row = element("tr");
    row.append(element("td", "proxmox-vmid", guest.vmid));
    const name = element("th");
    name.scope = "row";
    name.append(element("span", "proxmox-kind", guest.type), element("span", "proxmox-name", guest.name || "–"));
    if (guest.template) {
      name.append(element("span", "proxmox-tag", words.template));
    }
    row.append(name, stateCell(guest.status), element("td", null, guest.node));
    const tags = element("td", "proxmox-tags");
    (guest.tags || []).forEach((tag) => tags.append(element("span", "proxmox-tag", tag)));
    row.append(tags, element("td", null, guest.lock || ""), rightsCell(guest));
    return row;
  }

  /** The rights that have an icon; each icon stands for one of these, or several. */
  const ICONS = {
    power: ["power"],
    snapshot: ["snapshot", "roll_back"],
    clone: ["clone"],
    execute: ["execute"],
    delete: ["delete"],
  };

  /** An icon for each group of rights, at its own place, and the full list for those who point at it or focus it. */
  function rightsCell(guest) {
    const cell = element("td", "proxmox-rights");
    const icons = element("span", "proxmox-rights__icons");
    const list = say(words.may, guest.may);
    icons.tabIndex = 0;
    icons.setAttribute("role", "img");
    icons.setAttribute("aria-label", list);
    icons.setAttribute("tooltip", list);
    const shown = Object.entries(ICONS).map(([icon, rights]) => [icon, rights.some((right) => guest.can.includes(right))]);
    if (shown.every(([, has]) => !has)) {
      icons.textContent = words.onlySee;
    } else {
      for (const [icon, has] of shown) {
        const place = element("span", "proxmox-rights__icon");
        if (has) {
          place.append(fromTemplate("proxmox-right-" + icon));
        }
        icons.append(place);
      }
    }
    cell.append(icons);
    return cell;
  }

  /** A clone that is left behind, with a button for those who may remove it. */
  function cloneRow(clone, server) {
    const row = element("tr");
    row.append(element("td", "proxmox-vmid", clone.vmid));
    const name = element("th");
    name.scope = "row";
    name.append(element("span", "proxmox-kind", clone.type), element("span", "proxmox-name", clone.name || "–"));
    row.append(name, stateCell(clone.status), element("td", null, clone.node));
    const build = element("td", null, clone.buildUrl ? undefined : clone.build || "–");
    if (clone.buildUrl) {
      const link = element("a", null, clone.build);
      link.href = document.head.dataset.rooturl + "/" + clone.buildUrl;
      build.append(link);
    }
    row.append(build, element("td", null, clone.made ? dateAndTime.format(new Date(clone.made)) : "–"));
    const actions = element("td");
    if (clone.mark) {
      const button = element("button", "jenkins-button", words.remove);
      button.type = "button";
      Object.assign(button.dataset, {
        post: "removeClone",
        name: server,
        vmid: clone.vmid,
        mark: clone.mark,
        title: say(words.removeTitle, clone.type + " " + clone.vmid + (clone.name ? " (" + clone.name + ")" : "")),
        message: words.removeMessage,
      });
      actions.append(button);
    }
    row.append(actions);
    return row;
  }

  /** The value by which a column is sorted; guests without one get a high value, so that they come last. */
  const LAST = "\uffff";
  const SORT_VALUE = {
    vmid: (guest) => String(guest.vmid),
    name: (guest) => guest.name || LAST,
    status: (guest) => guest.status,
    node: (guest) => guest.node,
    tags: (guest) => (guest.tags || []).join(" ") || LAST,
    lock: (guest) => guest.lock || LAST,
    rights: (guest) => guest.may || LAST,
  };

  /** The guests of one server as a table with search and sorting, a hundred rows at a time. */
  class GuestTable {
    constructor(content, changed) {
      this.table = content.querySelector(".proxmox-guests");
      this.body = this.table.querySelector("tbody");
      this.more = content.querySelector(".proxmox-more");
      this.changed = changed;
      this.guests = [];
      this.matching = [];
      this.rows = 0;
      this.query = [];
      this.key = "vmid";
      this.ascending = true;
      this.table.querySelectorAll("th[data-key]").forEach((header) => {
        header.querySelector("button").addEventListener("click", () => this.sortBy(header.dataset.key));
      });
      this.more.querySelector(".proxmox-more__next").addEventListener("click", () => this.show(ROWS_AT_ONCE));
      this.more.querySelector(".proxmox-more__all").addEventListener("click", () => this.show(this.matching.length));
    }

    fill(guests, rights) {
      const may = rights.map((set) => set.map((right) => words["right-" + right] || right).join(", "));
      this.guests = guests.map((guest) => ({
        ...guest,
        can: rights[guest.rights],
        may: may[guest.rights],
        text: [guest.vmid, guest.type, guest.name, guest.node, words[guest.status], guest.status, guest.lock]
          .concat(guest.tags || [], guest.template ? words.template : [])
          .join(" ")
          .toLocaleLowerCase(),
      }));
      this.update(Math.max(ROWS_AT_ONCE, this.rows));
    }

    search(query) {
      this.query = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      this.update(ROWS_AT_ONCE);
    }

    sortBy(key) {
      this.ascending = this.key === key ? !this.ascending : true;
      this.key = key;
      this.update(ROWS_AT_ONCE);
    }

    update(rows) {
      const value = SORT_VALUE[this.key];
      const direction = this.ascending ? 1 : -1;
      this.matching = this.guests.filter((guest) => this.query.every((word) => guest.text.includes(word)));
      this.matching.sort(
        (one, other) => direction * collator.compare(value(one), value(other)) || one.vmid - other.vmid,
      );
      this.table.querySelectorAll("th[data-key]").forEach((header) => {
        const sorted = header.dataset.key === this.key;
        header.setAttribute("aria-sort", sorted ? (this.ascending ? "ascending" : "descending") : "none");
      });
      this.body.replaceChildren();
      this.rows = 0;
      this.show(rows);
    }

    show(count) {
      const first = this.rows;
      this.rows = Math.min(this.matching.length, first + count);
      const rows = document.createDocumentFragment();
      this.matching.slice(first, this.rows).forEach((guest) => rows.append(guestRow(guest)));
      const added = rows.firstElementChild;
      this.body.append(rows);
      Behaviour.applySubtree(this.body); // the tooltips
      const wasFocused = this.more.contains(document.activeElement);
      this.more.hidden = this.rows === this.matching.length;
      if (wasFocused && this.more.hidden && added) {
        // the focused button is gone: focus the first row that it added
        const name = added.querySelector("th");
        name.tabIndex = -1;
        name.focus();
      }
      const nothingFound = this.matching.length === 0 && this.guests.length > 0;
      this.table.parentElement.hidden = this.matching.length === 0;
      this.noneFound(nothingFound);
      this.changed();
    }

    noneFound(isSo) {
      const scroll = this.table.parentElement;
      scroll.parentElement.querySelectorAll(".proxmox-none-found").forEach((hint) => hint.remove());
      if (isSo || this.guests.length === 0) {
        const hint = fromTemplate(isSo ? "proxmox-none-found" : "proxmox-no-guest");
        hint.firstElementChild.classList.add("proxmox-none-found");
        scroll.after(hint);
      }
    }
  }

  /** The section of one server. */
  class ServerSection {
    constructor(section, overview) {
      this.section = section;
      this.content = section.querySelector(".proxmox-server__content");
      this.name = section.dataset.name;
      this.overview = overview;
      this.guests = null;
      section.addEventListener("click", async (event) => {
        const button = event.target.closest("button[data-post]");
        if (button && !button.hasAttribute("aria-disabled") && (await send(overview.url, button))) {
          await Promise.all([this.load(), borrowed.load()]);
        }
      });
    }

    async load() {
      this.section.setAttribute("aria-busy", "true");
      try {
        let picture;
        do {
          const answer = await fetch(this.overview.url + "server?name=" + encodeURIComponent(this.name));
          if (!answer.ok) {
            throw new Error(answer.status);
          }
          picture = await answer.json();
          if (picture.state === "pending") {
            await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER));
          }
        } while (picture.state === "pending");
        this.failed = picture.state === "unseen";
        this.show(picture);
      } catch (e) {
        console.warn("The overview could not be loaded", e);
        this.failed = true;
        this.replace(fromTemplate("proxmox-lost"));
      }
      this.section.setAttribute("aria-busy", "false");
      this.overview.announce();
    }

    async renew() {
      // a failure here occurs again in load(), which shows it
      const query = new URLSearchParams({ name: this.name });
      await fetch(this.overview.url + "refresh?" + query, { method: "POST", headers: crumb.wrap({}) }).catch(() => {});
      await this.load();
    }

    replace(fragment) {
      this.guests = null;
      this.content.replaceChildren(fragment);
    }

    show(picture) {
      if (picture.state === "seen") {
        this.showSeen(picture);
        return;
      }
      this.replace(fromTemplate("proxmox-" + picture.state));
      const explanation = this.content.querySelector(".proxmox-explanation");
      if (explanation) {
        explanation.innerHTML = picture.explanation; // escaped by the controller
        Behaviour.applySubtree(explanation);
      }
    }

    showSeen(picture) {
      if (!this.guests) {
        this.replace(fromTemplate("proxmox-seen"));
        this.guests = new GuestTable(this.content, () => this.overview.announce());
        this.guests.query = this.overview.query();
        this.content.querySelector("details").open = picture.nodes.length <= NODES_AT_ONCE;
      }
      const facts = [
        say(words.version, picture.version),
        picture.identity && say(words.identity, picture.identity),
        count(picture.nodes.length, words.node, words.nodes),
        count(picture.guests.length, words.guest, words.guests),
        say(words.at, time.format(new Date(picture.takenAt))),
      ];
      this.content
        .querySelector(".proxmox-server__facts")
        .replaceChildren(...facts.filter(Boolean).map((fact) => element("span", null, fact)));
      picture.nodes.sort((one, other) => collator.compare(one.name, other.name));
      this.content.querySelector(".proxmox-nodes tbody").replaceChildren(...picture.nodes.map(nodeRow));
      this.content.querySelector(".proxmox-nodes-online").textContent = say(
        words.nodesOnline,
        picture.nodes.filter((node) => node.status === "online").length,
        picture.nodes.length,
      );
      this.content.querySelector(".proxmox-nodes-hint").hidden = !picture.nodes.some(
        (node) => node.status === "online" && !node.maxMemory,
      );
      const leftOut = this.content.querySelector(".proxmox-left-out");
      leftOut.hidden = !picture.leftOut;
      leftOut.textContent = picture.leftOut || "";
      this.showClones(".proxmox-orphans", picture.clones.filter((clone) => clone.orphan));
      const others = picture.clones.filter((clone) => !clone.orphan);
      this.showClones(".proxmox-other-clones", others);
      this.content.querySelector(".proxmox-other-clones .proxmox-nodes-online").textContent = count(
        others.length,
        words.leftOne,
        words.leftOn,
      );
      const unread = this.content.querySelector(".proxmox-unread");
      unread.hidden = !picture.unread;
      unread.textContent = say(words.unread, wholeNumber.format(picture.unread || 0));
      this.guests.fill(picture.guests, picture.rights);
    }

    showClones(where, clones) {
      const part = this.content.querySelector(where);
      part.hidden = clones.length === 0;
      part.querySelectorAll(".proxmox-scroll").forEach((before) => before.remove());
      const table = fromTemplate("proxmox-clones");
      table.querySelector("tbody").replaceChildren(...clones.map((clone) => cloneRow(clone, this.name)));
      part.append(table);
    }
  }

  /** The whole page. */
  class Overview {
    constructor(root) {
      this.url = root.dataset.url;
      this.input = document.getElementById("proxmox-search");
      this.status = document.getElementById("proxmox-status");
      this.refresh = document.getElementById("proxmox-refresh");
      this.sections = Array.from(root.querySelectorAll(".proxmox-server"), (each) => new ServerSection(each, this));
      this.input.setAttribute("aria-label", words.searchLabel);
      this.input.addEventListener("input", () => this.search());
      this.refresh.addEventListener("click", () => this.all((section) => section.renew()));
    }

    query() {
      return this.input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    }

    search() {
      this.sections.filter((section) => section.guests).forEach((section) => section.guests.search(this.input.value));
    }

    async all(action) {
      if (this.busy) {
        return;
      }
      this.busy = true;
      // not disabled: a disabled button loses the focus
      this.refresh.setAttribute("aria-disabled", "true");
      this.announce();
      await Promise.all(this.sections.map(action));
      this.busy = false;
      this.refresh.removeAttribute("aria-disabled");
      this.announce();
    }

    announce() {
      clearTimeout(this.later);
      this.later = setTimeout(() => (this.status.textContent = this.summary()), ANNOUNCE_AFTER);
    }

    summary() {
      const tables = this.sections.map((section) => section.guests).filter(Boolean);
      const sum = (count) => wholeNumber.format(tables.reduce((before, table) => before + count(table), 0));
      const known = sum((table) => table.guests.length);
      const rows = sum((table) => table.rows);
      const failures = this.sections.filter((section) => section.failed).length;
      const parts = [];
      if (this.busy) {
        parts.push(words.asking);
      }
      if (tables.length > 0) {
        parts.push(
          this.query().length > 0
            ? say(words.found, sum((table) => table.matching.length), known, rows)
            : say(words.shown, rows, known),
        );
      }
      if (failures > 0) {
        parts.push(count(failures, words.failure, words.failures));
      }
      return parts.join(" · ");
    }
  }

  /** Shows times as people write them. */
  function showTimes(root) {
    root.querySelectorAll("time").forEach((each) => {
      each.textContent = dateAndTime.format(new Date(each.dateTime));
    });
  }

  /** Sends what a button is there for, after a question if it has one; tells whether it was done. */
  async function send(url, button) {
    const { post, title, message, ...parameters } = button.dataset;
    if (title) {
      try {
        await dialog.confirm(title, { message, okText: button.textContent.trim(), type: "destructive" });
      } catch {
        return false;
      }
    }
    button.setAttribute("aria-disabled", "true");
    try {
      const answer = await fetch(url + post, {
        method: "POST",
        headers: crumb.wrap({}),
        body: new URLSearchParams(parameters),
      });
      if (!answer.ok) {
        throw new Error(answer.status);
      }
      return true;
    } catch (e) {
      console.warn("Not done: " + post, e);
      notificationBar.show(document.querySelector(".proxmox-borrowed").dataset.undone, notificationBar.ERROR);
      return false;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  /** The section with the guests that builds have borrowed. */
  class Borrowed {
    constructor(root) {
      this.root = root;
      this.url = root.dataset.url;
      this.shown();
      root.addEventListener("click", async (event) => {
        const button = event.target.closest("button[data-post]");
        if (button && !button.hasAttribute("aria-disabled") && (await send(this.url, button))) {
          await this.load();
        }
      });
    }

    async load() {
      const answer = await fetch(this.url + "borrowed/ajax").catch(() => null);
      if (answer && answer.ok) {
        const open = new Set(Array.from(this.root.querySelectorAll("details[open]"), (each) => each.dataset.id));
        this.root.innerHTML = await answer.text(); // escaped by the controller
        this.root.querySelectorAll("details").forEach((each) => (each.open = open.has(each.dataset.id)));
        this.shown();
      }
    }

    shown() {
      showTimes(this.root);
      clearTimeout(this.later);
      if (this.root.querySelector("[data-busy='true']")) {
        this.later = setTimeout(() => this.load(), LOOK_AGAIN_AFTER);
      }
    }
  }

  function wordsOf(template) {
    // dataset turns data-right-see into rightSee; this keeps the names of the rights as in the answers
    const found = { ...template.dataset };
    for (const attribute of template.attributes) {
      if (attribute.name.startsWith("data-right-")) {
        found[attribute.name.substring("data-".length)] = attribute.value;
      }
    }
    return found;
  }

  Behaviour.specify(".proxmox-borrowed", "proxmox-borrowed", 0, (root) => {
    if (root.dataset.started) {
      return;
    }
    root.dataset.started = "true";
    borrowed = new Borrowed(root);
    const refresh = document.getElementById("proxmox-refresh");
    if (refresh) {
      refresh.addEventListener("click", () => borrowed.load());
    }
  });

  Behaviour.specify(".proxmox-overview", "proxmox-overview", 0, (root) => {
    if (root.dataset.started) {
      return;
    }
    root.dataset.started = "true";
    words = wordsOf(document.getElementById("proxmox-words"));
    const overview = new Overview(root);
    overview.all((section) => section.load());
  });
})();
