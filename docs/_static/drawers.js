// The drawers of narrow screens open and close without this, by the checkbox that each begins
// with; here they also close with Escape, once a link of theirs is followed, and once the focus
// is elsewhere, so that no open drawer lies over it.
(function () {
  "use strict";

  document.querySelectorAll(".sidebar-toggle").forEach((toggle) => {
    const drawer = toggle.parentElement;
    drawer.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !drawer.contains(event.relatedTarget)) toggle.checked = false;
    });
    drawer.addEventListener("click", (event) => {
      if (event.target.closest("a")) toggle.checked = false;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !toggle.checked) return;
      toggle.checked = false;
      toggle.focus();
    });
  });

  // On a long list, the page that is open is seen.
  const list = document.querySelector(".sidebar-scroll");
  const current = list && list.querySelector(".current-page > .reference");
  if (!current) return;
  const below = current.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
  const top = list.scrollTop + below + list.clientHeight / 2;
  if (below > 0) list.scrollTo({ top, behavior: "instant" });
})();
