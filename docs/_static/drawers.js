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
})();
