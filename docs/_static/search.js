// Lets the search find a page by a pasted line of a traceback. Sphinx's own search wants every
// word of it on the page, but the line also has names and folders of a program that no page knows.
(function () {
  "use strict";

  const parse = Search._parseQuery;
  const strict = Search.performTermsSearch;
  const FOLDERS = /(^|[\s'"(])(?:[a-z]:|~|\.{1,2})?[\\/](?:[^\s'"\\/]+[\\/])*/gi;
  const LETTERS = /(?<![\p{L}\p{N}_])[\p{L}\p{N}](?![\p{L}\p{N}_])/gu; // such as the t of can't
  const ENOUGH = 0.6; // of what the best page has

  Search._parseQuery = (query) => {
    const words = query.replace(FOLDERS, "$1").replace(LETTERS, " ");
    return [query, ...parse(words).slice(1)];
  };

  // A word that few pages have says more than one that most have; one that none has says nothing.
  Search.performTermsSearch = (searchTerms, excludedTerms) => {
    const pages = Search._index.docnames.length;
    const found = new Map();
    let whole = 0;
    for (const term of searchTerms) {
      const results = strict(new Set([term]), excludedTerms);
      const weight = Math.log(1 + pages / results.length);
      if (results.length) whole += weight;
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
      .map(({ result, score }) => {
        result[4] = score / whole;
        return result;
      });
  };
})();
