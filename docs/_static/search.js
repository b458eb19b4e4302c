// Lets the search find a page by a pasted line of a traceback. Sphinx's own search wants every
// word of it on the page, but the line also has names and folders of a program that no page knows.
(function () {
  "use strict";

  const parse = Search._parseQuery;
  const strict = Search.performTermsSearch;
  const FOLDERS = /(^|[\s'"(])(?:[a-z]:|~|\.{1,2})?[\\/](?:[^\s'"\\/]+[\\/])*/gi;
  const LETTERS = /(?<![\p{L}\p{N}_])[\p{L}\p{N}](?![\p{L}\p{N}_])/gu; // such as the t of can't
  const ENOUGH = 0.5; // of what the best page has
  const OF_A_SECTION = 0.3; // of what its page has
  const FEW = 3;

  Search._parseQuery = (query) => {
    const words = query.replace(FOLDERS, "$1").replace(LETTERS, " ");
    const [, terms, excluded, highlighted, objects] = parse(words);
    // The pages would be full of marks.
    if (highlighted.size > FEW) localStorage.removeItem("sphinx_highlight_terms");
    return [query, terms, excluded, highlighted, objects];
  };

  // A word that few pages have says more than one that most have; one that none has says nothing.
  Search.performTermsSearch = (searchTerms, excludedTerms) => {
    const pages = Search._index.docnames.length;
    const weights = new Map();
    const found = new Map();
    let whole = 0;
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
      .filter((sum) => sum.weight >= ENOUGH * best)
      .map(({ result, weight, score }) => {
        const section = sectionOf(result[0], weights, OF_A_SECTION * weight);
        if (section) {
          result[1] += " > " + section.title;
          result[2] = "#" + section.id;
        }
        result[4] = score / whole;
        return result;
      });
  };

  // The section of a page whose title has the most of the words, and no fewer than enough.
  function sectionOf(page, weights, enough) {
    const stemmer = new Stemmer();
    let found = null;
    for (const [title, places] of Object.entries(Search._index.alltitles)) {
      const place = places.find(([file]) => Search._index.docnames[file] === page);
      if (!place || place[1] === null) continue;
      const words = new Set(splitQuery(title).map((word) => stemmer.stemWord(word.toLowerCase())));
      let weight = 0;
      words.forEach((word) => (weight += weights.get(word) || 0));
      if (weight >= enough && (!found || weight > found.weight)) {
        found = { title, id: place[1], weight };
      }
    }
    return found;
  }
})();
