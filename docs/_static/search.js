// Lets the search find what explains a pasted traceback. First come the symptoms whose messages
// stand in it (symptoms.js, made from the index in the package), then those and the pages that
// share its words; what no page has is named. Sphinx's own search wants every word on the page, but
// a traceback also has names and folders of a program that no page knows.
(function () {
  "use strict";

  const parse = Search._parseQuery;
  const strict = Search.performTermsSearch;
  const ask = Search.query;
  const FOLDERS = /(^|[\s'"(])(?:[a-z]:|~|\.{1,2})?[\\/](?:[^\s'"\\/]+[\\/])*/gi;
  const LETTERS = /(?<![\p{L}\p{N}_])[\p{L}\p{N}](?![\p{L}\p{N}_])/gu; // such as the t of can't
  const BLOBS = /[\p{L}\p{N}_]{200,}/gu; // no words, and too long for the patterns that Sphinx makes of them
  const NUMBERS = /\b0x[\da-f]+\b|\b\d+\b/gi;
  const ERROR = /^\s*(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Warning|Pool|Interrupt|Exit|NotReady)(?=[:(]|\s*$)/;
  const ENOUGH = 0.5; // of what the best page has
  const OF_OURS = 3; // how near a symptom has to be, where the text speaks of processes
  const OF_OTHERS = 20; // where it does not
  const OF_A_SECTION = 0.3; // of what its page has
  const OF_AN_ERROR = 30; // where it is an error, of which no symptom has the message
  const OFTEN = 1.2; // how much it says that a symptom has a word often
  const LENGTH = 0.3; // and how little, that one of many words has it
  const SAID_BESIDE = 0.8; // what the words of a cause and a cure count
  const SEEN_COUNTS = 2; // what a word of SEEN counts, more than a library's name
  const SAYS_LITTLE = 3; // words fewer than these, none of which speaks of processes, may mean anything
  const LONG = 6; // letters of a word that may have a wrong one
  const FEW = 3; // symptoms that are shown as a whole
  const MANY = 8; // at most, and the unknown words
  const stemmer = new Stemmer();
  const stem = (word) => stemmer.stemWord(word.toLowerCase());
  const stemmed = (text) => new Set(text.split(/\s+/).filter(Boolean).map(stem));
  // These say nothing of what is seen, since all here is about them, or all reports have them.
  const NOTHING = stemmed(`python multiprocessing process subprocess pool executor processpoolexecutor
    concurrent futures issue problem bug error fails broken just seems doesn don didn can cannot using
    running works code program calling function happens sometimes occasionally always possible forever
    indefinitely randomly ve ll re`);
  // One of these is in a text that speaks of processes.
  const OURS = stemmed(`multiprocessing multiprocess process processes subprocess pool executor
    processpoolexecutor worker workers num_workers num_proc n_jobs joblib loky dataloader fork forked
    forking spawn spawned forkserver child children parallel parallelization parallelism daemon
    semaphore pickle pickling gunicorn uvicorn uwsgi celery preload frozen executable pyinstaller
    nuitka cx_freeze dask cluster notebook termux core cores cpu cpus cpu_count cgroups task tasks
    job jobs future futures epoch training loader sequential sequentially serial oom starmap nb_workers
    __main__ freeze_support resource_tracker keyboardinterrupt ctrl subprocvecenv hang deadlock`);
  // Several words for one thing: the first stands for all.
  const SAME = [
    "hang hung stuck freeze freezing freezes deadlock deadlocks stalls",
    "crash segfault sigsegv quit",
    "macos osx mac catalina darwin",
    "memory ram",
    "slow slower longer overhead",
    "logging log logger",
    "print output stdout",
    "killed sigkill kill",
    "pickle picklable pickleable serialize unpicklable pickling",
    "debugger debug breakpoint debugging",
    "dataloader num_workers num_worker loader",
    "ctrl keyboardinterrupt sigint",
    "core cores cpu cpus processor processors",
    "files file descriptor descriptors fd fds",
    "lost lose loses losing loss vanish vanishes vanished swallowed swallows disappears disappeared",
    "notebook jupyter ipython",
    "executable exe",
    "coverage covered",
    "xdist gw",
    "gui ui",
    "database databases db",
    "qt pyqt pyqt5 pyqt6 pyside",
    "parallel parallelization parallelize parallelizing parallelism",
  ].map((line) => [...stemmed(line)]);
  // These tell what is seen, others only where.
  const SEEN = stemmed(`hang block wait slow fast speed memory leak crash die nothing empty print log
    lost missing twice duplicate repeat again same random seed wrong mixed locked cancel timeout stop
    terminate interrupt ctrl exit end finish zombie orphan progress bar update change changed
    global share shared import pickle core cores idle thread threads gpu cuda open files window gui
    exception silent silently debugger executable shm coverage profile input read write connection database started
    start recursion infinite loop respawn restart attribute module container frozen`);
  const said = new Map(SAME.flatMap(([first, ...others]) => others.map((other) => [other, first])));
  // What is seen, in the words that stand for others, and without those that say nothing.
  const telling = (stems) =>
    new Set([...stems].filter((one) => !NOTHING.has(one)).map((one) => said.get(one) || one));
  const stems = (text) => new Set(splitQuery(plain(text).toLowerCase()).map((word) => stemmer.stemWord(word)));
  const plain = (text) =>
    text.replace(BLOBS, " ").replace(FOLDERS, "$1").replace(NUMBERS, " ").replace(LETTERS, " ");
  let shown = null; // for the text that is searched
  const symptoms = poolContextSymptoms.map((one) => ({
    ...one,
    patterns: one.messages.map((message) => new RegExp(message, "gu")),
    general: Array.from(stemmed(one.general || "")),
    phrases: [one.title, ...one.words].map((words) => telling(stems(words))),
    bag: bag([[one.title, ...one.words, one.general || ""], 1], [[one.cause, one.cure], SAID_BESIDE]),
  }));
  const vocabulary = new Map(); // in how many symptoms a word is
  symptoms.forEach(({ bag }) => bag.forEach((_, word) => vocabulary.set(word, (vocabulary.get(word) || 0) + 1)));
  const usual = symptoms.reduce((whole, { bag }) => whole + sizeOf(bag), 0) / symptoms.length;

  // How often each word is in some texts, of which some weigh less.
  function bag(...parts) {
    const counts = new Map();
    for (const [texts, weight] of parts) {
      for (const text of texts) {
        telling(stems(text)).forEach((word) => counts.set(word, (counts.get(word) || 0) + weight));
      }
    }
    return counts;
  }

  function sizeOf(bag) {
    return Array.from(bag.values()).reduce((whole, count) => whole + count, 0);
  }

  // A word that few have says more than one that most have.
  function unusual(word) {
    const have = vocabulary.get(word) || 0;
    return Math.log(1 + (symptoms.length - have + 0.5) / (have + 0.5));
  }

  // Of a traceback the line that tells the error, which is the last one; else all of it.
  function told(text) {
    const lines = text.split("\n").filter((line) => line.trim());
    const errors = lines.filter((line) => ERROR.test(line));
    return (errors.length ? errors : lines).pop() || text;
  }

  const rank = ({ leads, follows }) => (leads ? 0 : follows ? 2 : 1);

  // The symptoms whose messages stand in a text, though it may be wrapped or have more spaces.
  function exact(text) {
    const found = exactly(text);
    if (!found.every(({ follows }) => follows)) return found;
    const tidied = text.replace(/[ \t\xa0]+/g, " ").replaceAll("Error:[", "Error: [");
    const causes = exactly(tidied.replace(/ ?\n ?(?=[a-z])/g, " ")).filter((one) => !found.includes(one));
    return [...causes, ...found].sort((a, b) => Boolean(a.follows) - Boolean(b.follows));
  }

  // The causes come first, of them the last that is told.
  function exactly(text) {
    return symptoms
      .map((one) => ({ one, ...lastOf(one.patterns, text) }))
      .filter(({ size }) => size)
      .sort((a, b) => rank(a.one) - rank(b.one) || b.end - a.end || b.size - a.size)
      .map(({ one }) => one);
  }

  // Where the last message ends that patterns find, and the longest of those that end there.
  function lastOf(patterns, text) {
    return patterns
      .flatMap((one) => Array.from(text.matchAll(one)))
      .map(({ 0: { length: size }, index }) => ({ end: index + size, size }))
      .reduce((a, b) => (b.end > a.end || (b.end === a.end && b.size > a.size) ? b : a), { end: -1, size: 0 });
  }

  // The symptoms that have most of some words.
  function alike(all, strange) {
    const terms = Array.from(telling(new Set(all)));
    const ours = [...all, ...terms].some((term) => OURS.has(term));
    const enough = strange ? OF_AN_ERROR : ours ? OF_OURS : OF_OTHERS;
    if (!ours && terms.length < SAYS_LITTLE) return [];
    const found = ranked(terms)
      .filter(({ score }) => score >= enough)
      .map(({ one }) => one);
    return withGeneral(found, terms).slice(0, MANY);
  }

  // All symptoms, those first that have most of some words, by Okapi BM25.
  function ranked(terms) {
    return symptoms
      .map((one) => {
        const long = 1 - LENGTH + (LENGTH * sizeOf(one.bag)) / usual;
        const gain = (count) => (count * (OFTEN + 1)) / (count + OFTEN * long);
        const score = terms.reduce((whole, word) => whole + weight(word) * gain(one.bag.get(word) || 0), 0);
        return { one, score: score + nearest(one.phrases, terms) };
      })
      .sort((a, b) => b.score - a.score);
  }

  // All symptoms of a kind, those first that are nearest to a text.
  Search.ofKind = (kind, text) => {
    return ranked(Array.from(telling(new Set(termsOf(told(text))))))
      .map(({ one }) => one)
      .filter(({ kinds }) => kinds.includes(kind));
  };

  // What a text is searched for: its words, and those that names such as num_workers are made of.
  function termsOf(text) {
    const names = splitQuery(plain(text)).filter((word) => word.includes("_"));
    const parts = names.join(" ").replaceAll("_", " ");
    return Array.from(new Set([...parse(plain(text))[1], ...stems(parts)]), mended);
  }

  // A word that no symptom has, and one that some has, are taken for the same but for one letter.
  function mended(word) {
    if (word.length < LONG || vocabulary.has(word) || NOTHING.has(word) || said.has(word)) return word;
    return [...vocabulary.keys(), ...NOTHING].find((known) => isAlmost(word, known)) || word;
  }

  function isAlmost(one, other) {
    if (Math.abs(one.length - other.length) > 1) return false;
    let start = 0;
    while (start < one.length && one[start] === other[start]) start += 1;
    const rest = [one.slice(start), other.slice(start)];
    return rest[0].slice(1) === rest[1].slice(1) || rest[0].slice(1) === rest[1] || rest[0] === rest[1].slice(1);
  }

  function weight(word) {
    return unusual(word) * (SEEN.has(word) ? SEEN_COUNTS : 1);
  }

  // What some words and the phrase that is nearest to them have in common, of what both have.
  function nearest(phrases, terms) {
    const sum = (words) => words.reduce((whole, word) => whole + weight(word), 0);
    const all = sum(terms);
    const shared = (words) => sum(terms.filter((word) => words.has(word)));
    return Math.max(...phrases.map((words) => (2 * all * shared(words)) / (sum(Array.from(words)) + all || 1)));
  }

  // An entry that names all causes of what is seen, such as of any hang, is the second at least,
  // and the first if nothing else is said.
  function withGeneral(found, terms) {
    const place = found.findIndex((one) => one.general.some((word) => terms.includes(word)));
    if (place < 0) return found;
    const [general] = found.splice(place, 1);
    const bare = terms.every((word) => general.general.includes(word) || !vocabulary.has(word));
    found.splice(bare ? 0 : Math.min(place, 1), 0, general);
    return found;
  }

  // What is to be shown for a text: symptoms, whether their messages are in it, and unknown words.
  Search.look = (text) => (shown = known(text));

  function known(text) {
    const line = told(text);
    const symptoms = exact(text);
    if (symptoms.length) return { line, symptoms, exact: true, strange: false, unknown: [] };
    const [, terms] = parse(plain(line));
    const unknown = splitQuery(plain(line)).filter((word) => {
      const stem = stemmer.stemWord(word.toLowerCase());
      return terms.has(stem) && !isKnown(stem);
    });
    const strange = ERROR.test(line); // an error, and of nothing that is known here
    return {
      line,
      symptoms: alike(termsOf(line), strange),
      exact: false,
      strange,
      unknown: Array.from(new Set(unknown)).slice(0, MANY),
    };
  }

  const isKnown = (stem) =>
    NOTHING.has(stem) || vocabulary.has(stem) || said.has(stem) || strict(new Set([stem]), new Set()).length > 0;

  const perform = Search._performSearch;
  let pages = 0;
  Search._performSearch = (...words) => {
    const results = perform(...words);
    pages = results.length;
    return results;
  };

  Search._parseQuery = (query) => {
    const [, terms, excluded, highlighted, objects] = parse(plain(query));
    // The pages would be full of marks.
    if (highlighted.size > FEW) localStorage.removeItem("sphinx_highlight_terms");
    return [query, terms, excluded, highlighted, objects];
  };

  // A page is worth a look if it has enough of what the best one has.
  Search.performTermsSearch = (searchTerms, excludedTerms) => {
    const pages = Search._index.docnames.length;
    const weights = new Map();
    const found = new Map();
    let whole = 0;
    if (shown.strange) return []; // some words of it may stand anywhere, and say nothing
    for (const term of searchTerms) {
      const results = strict(new Set([term]), excludedTerms);
      if (!results.length) continue;
      const weight = Math.log(1 + pages / results.length);
      weights.set(term, weight);
      whole += weight;
      for (const result of results) {
        const [page, , , , score] = result;
        const sum = found.get(page) || { result, weight: 0, score: 0 };
        sum.weight += weight;
        sum.score += weight * score;
        found.set(page, sum);
      }
    }
    const sums = Array.from(found.values());
    const best = Math.max(...sums.map((sum) => sum.weight));
    return sums
      .filter(({ weight }) => weight >= ENOUGH * best)
      .map(({ result, weight, score }) => {
        const section = sectionOf(result[0], weights, OF_A_SECTION * weight);
        if (section) {
          result[1] += " > " + section.title;
          result[2] = "#" + section.id;
        }
        result[4] = result[0].startsWith("symptoms") ? 0 : score / whole; // which have some of all words
        return result;
      })
      // A page of symptoms says nothing as a whole, and nothing that is not shown already.
      .filter(([page, , section]) => !page.startsWith("symptoms") || (section && !shown.symptoms.length));
  };

  // The section of a page whose title has the most of the words, and no fewer than enough.
  function sectionOf(page, weights, enough) {
    let found = null;
    for (const [title, places] of Object.entries(Search._index.alltitles)) {
      const place = places.find(([file]) => Search._index.docnames[file] === page);
      if (!place || place[1] === null) continue;
      let weight = 0;
      stems(title).forEach((word) => (weight += weights.get(word) || 0));
      if (weight >= enough && (!found || weight > found.weight)) {
        found = { title, id: place[1], weight };
      }
    }
    return found;
  }

  // Show what is known, and leave the rest to Sphinx, which shows the pages below it.
  Search.query = (text) => {
    Search.look(text);
    const box = document.createElement("div");
    const found = document.createElement("div");
    box.className = "found-symptoms";
    found.append(...list(shown.symptoms));
    box.append(answer(shown), ...(shown.exact ? [] : [question(text, found)]), found, ofALibrary());
    Search.title.before(box);
    ask(shown.line);
    // Else it would say that nothing is found, below what is.
    Search.title.hidden = Search.status.hidden = shown.symptoms.length > 0 && !pages;
  };

  function answer({ exact, symptoms, unknown }) {
    const note = document.createElement("p");
    note.setAttribute("role", "status");
    if (unknown.length) note.append("No page has: ", unknown.join(", "), ". ");
    if (exact) note.append("What this message means:");
    else if (symptoms.length) note.append("The nearest entries:");
    else note.append("No entry on the page of ", link("symptoms.html", "symptoms"), " has this. ", ...proposal());
    return note;
  }

  function proposal() {
    const { propose } = document.querySelector("h1").dataset;
    return propose ? [link(propose, "Propose it"), ", with what you saw."] : [];
  }

  // The first few as a whole, of others the title and the cause.
  function list(found) {
    if (!found.length) return [];
    const items = document.createElement("ol");
    found.forEach((one, place) => {
      const item = document.createElement("li");
      item.append(link(one.place, one.title), paragraph(one.cause));
      if (place < FEW) item.append(paragraph(`Cure: ${one.cure}`), whereSeen(one));
      items.append(item);
    });
    return [items];
  }

  function whereSeen({ seen, evidence, page }) {
    const note = paragraph(seen ? `Seen on ${seen}. ` : `Not captured, but ${evidence}. `);
    note.className = "found-seen";
    note.append(link(`${page}.html`, seen ? "A script that shows it" : "A related script"), ".");
    return note;
  }

  // Words alone seldom tell what is seen, so ask: the answer leaves one kind of symptoms.
  function question(text, place) {
    const asked = document.createElement("label");
    const answers = document.createElement("select");
    answers.append(new Option("not sure: show the nearest", ""));
    Object.entries(poolContextKinds).forEach(([kind, heading]) => answers.append(new Option(heading, kind)));
    answers.addEventListener("change", () => {
      const kind = answers.value;
      place.replaceChildren(...list(kind ? Search.ofKind(kind, text) : shown.symptoms));
    });
    asked.append("What do you see? ", answers);
    return asked;
  }

  function ofALibrary() {
    const note = document.createElement("p");
    const place = "libraries.html#if-a-library-gives-you-no-choice";
    note.append("A library starts the processes? ", link(place, "Look what it lets you choose"), ".");
    return note;
  }

  function link(address, text) {
    const made = document.createElement("a");
    made.href = address;
    made.textContent = text;
    return made;
  }

  function paragraph(text) {
    const made = document.createElement("p");
    made.textContent = text;
    return made;
  }

  // The arrow keys go from result to result.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.closest("textarea, select")) return;
    const links = Array.from(document.querySelectorAll(".found-symptoms li > a, ul.search li > a"));
    const place = links.indexOf(document.activeElement);
    const next = links[place < 0 && step < 0 ? -1 : place + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  const typed = new URLSearchParams(window.location.search).get("q");
  document.querySelectorAll('textarea[name="q"]').forEach((box) => (box.value = typed));
})();
