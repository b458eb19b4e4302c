// Lets a reader choose a platform once: its outcomes are then opened on every page, and its rows
// in tables are marked; and, where a table says what platforms differ in, those to compare. The list is in platforms.js, which is loaded before.
(function () {
  "use strict";

  const NAME = "platform"; // in the address: ?platform=cpython-3.14.10-linux-x86_64-glibc
  const COMPARE = "compare"; // and several of them, parted by commas
  const MEMORY = "poolcontext-platform";
  const platforms = window.poolContextPlatforms || [];
  const place = document.getElementById("my-platform");
  if (!place || !platforms.length) return;

  // Storage may be refused, as for pages of a sandbox.
  function remember(id) {
    try {
      if (id) localStorage.setItem(MEMORY, id);
      else localStorage.removeItem(MEMORY);
    } catch (error) {}
  }

  function remembered() {
    try {
      return localStorage.getItem(MEMORY);
    } catch (error) {
      return null;
    }
  }

  // What all patch releases of one platform share.
  function family(id) {
    return id.replace(/^(\w+)-[^-]+-python/, "$1-").replace(/(\d+\.\d+)\.\d+[a-z0-9]*/, "$1");
  }

  // A newer release of a platform takes the older one's place.
  function find(id) {
    if (!id) return undefined;
    return (
      platforms.find((platform) => platform.id === id) ||
      platforms.find((platform) => family(platform.id) === family(id))
    );
  }

  function chosen() {
    const shared = find(new URL(location.href).searchParams.get(NAME));
    if (shared) remember(shared.id);
    return shared || find(remembered());
  }

  // Who has chosen nothing gets the newest of the own system; the list has that first.
  function guessed() {
    const data = navigator.userAgentData;
    const own = (data && data.platform) || navigator.platform || "";
    const kinds = [
      [/^win/i, ["windows", "wine"]],
      [/^(mac|iphone|ipad)/i, ["darwin"]],
      [/linux|android|chrom/i, ["linux"]],
    ];
    const [, systems] = kinds.find(([pattern]) => pattern.test(own)) || [null, []];
    const found = platforms.filter((platform) => systems.includes(platform.system));
    return found.find((platform) => !platform.says) || found[0];
  }

  // The address always says what was chosen, so that it can be shared.
  function tell(platform) {
    change(NAME, platform ? platform.id : "");
  }

  function change(name, value) {
    const address = new URL(location.href);
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
    if (address.href !== location.href) {
      try {
        history.replaceState(history.state, "", address);
      } catch (error) {}
    }
  }

  function open(outcomes, platform) {
    if (outcomes.classList.contains("measures")) return; // which has a row for each
    const own = platform ? outcomes.querySelector(".outcome." + platform.key) : null;
    const panel = (own || outcomes.querySelector(".outcome")).closest(".sd-tab-content");
    if (panel) {
      const tab = document.getElementById(panel.id.replace(/-content$/, ""));
      if (tab) tab.checked = true;
    }
    let note = outcomes.querySelector(".outcome-absent");
    if (platform && !own) {
      note = note || outcomes.appendChild(document.createElement("p"));
      note.className = "outcome-absent";
      note.textContent = platform.says
        ? "Not captured on " + platform.title + ". " + platform.says + "."
        : "Not captured on " + platform.title + ".";
    } else if (note) {
      note.remove();
    }
  }

  function show(platform) {
    document.querySelectorAll(".outcomes").forEach((outcomes) => open(outcomes, platform));
    document.querySelectorAll("tr.mine").forEach((row) => {
      row.classList.remove("mine");
      row.removeAttribute("aria-current");
    });
    if (platform) {
      document.querySelectorAll("tr." + platform.key).forEach((row) => {
        row.classList.add("mine");
        row.setAttribute("aria-current", "true");
      });
    }
  }

  const label = document.createElement("label");
  label.htmlFor = "my-platform-choice";
  label.textContent = "My platform";
  const choice = document.createElement("select");
  choice.id = "my-platform-choice";
  choice.add(new Option("None chosen", ""));
  platforms.forEach((platform) => choice.add(new Option(platform.title, platform.id)));
  const first = chosen();
  const guess = first ? undefined : guessed();
  choice.value = (first || guess || { id: "" }).id;
  choice.addEventListener("change", () => {
    const platform = find(choice.value);
    remember(choice.value);
    tell(platform);
    show(platform);
  });
  place.append(label, choice);

  // A page that comes back as it was left, after another choice.
  window.addEventListener("pageshow", (event) => {
    const platform = find(remembered());
    if (!event.persisted || !platform || platform.id === choice.value) return;
    choice.value = platform.id;
    tell(platform);
    show(platform);
  });

  // A table of many platforms is searched by words, all of which a row must hold.
  function addFilter(table) {
    const input = document.getElementById("platform-filter");
    const count = input.parentElement.querySelector("[role=status]");
    const rows = Array.from(table.tBodies[0].rows);
    // What columns are called is in every row.
    const texts = rows.map((row) => {
      const copy = row.cloneNode(true);
      copy.querySelectorAll(".cell-label").forEach((label) => label.remove());
      return copy.textContent.toLowerCase();
    });
    function filter() {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      rows.forEach((row, number) => {
        row.hidden = !words.every((word) => texts[number].includes(word));
        left += !row.hidden;
      });
      count.textContent = left + " of " + rows.length + " lines";
    }
    input.addEventListener("input", filter);
    filter();
  }

  // Where platforms differ, a table says so of those that the reader has picked.
  function addComparison(table) {
    const box = table.closest(".captured").querySelector(".platform-comparison");
    if (!box) return;
    const inputs = Array.from(box.querySelectorAll("input"));
    const others = inputs.map((input) => find(input.value));
    const count = box.querySelector("[role=status]");
    const wanted = (new URL(location.href).searchParams.get(COMPARE) || "").split(",").map(find);
    const some = others.some((platform) => wanted.includes(platform));
    inputs.forEach((input, number) => {
      input.checked = !some || wanted.includes(others[number]);
    });
    function compare() {
      const picked = others.filter((platform, number) => inputs[number].checked);
      table.querySelectorAll(".says[class*=on-]").forEach((says) => {
        const has = (platform) => says.classList.contains(platform.key);
        says.hidden = picked.length > 0 && !picked.some(has);
      });
      Array.from(table.tBodies[0].rows).forEach((row) => {
        const many = (cell) => cell.querySelectorAll(".says:not([hidden])").length > 1;
        row.classList.toggle("differs", Array.from(row.cells).some(many));
      });
      const left = table.querySelectorAll("tr.differs").length;
      const whose = picked.length ? "" : " of all platforms, as none is picked";
      count.textContent = left + (left === 1 ? " line differs" : " lines differ") + whose;
      return picked;
    }
    box.addEventListener("change", () => {
      const picked = compare();
      const all = !picked.length || picked.length === others.length;
      change(COMPARE, all ? "" : picked.map((platform) => platform.id).join(","));
    });
    compare();
  }

  document.addEventListener("DOMContentLoaded", () => {
    tell(first);
    if (first || guess) show(first || guess);
    document.querySelectorAll("table.platform-matrix").forEach(addFilter);
    document.querySelectorAll("table.captured-table").forEach(addComparison);
  });
})();
