// The address of a symptom that a terminal shows, symptoms.html#name, stays when its kind changes:
// it is the place of a link, which this follows.
(function () {
  "use strict";

  function follow() {
    const item = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    if (item && item.matches(".symptom-list li")) window.location.replace(item.querySelector("a").href);
  }

  window.addEventListener("hashchange", follow);
  follow();
})();
