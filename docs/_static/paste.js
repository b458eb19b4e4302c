// In the field for an error, Enter searches, as in a field of one line; with Shift it begins a line.
(function () {
  "use strict";

  document.querySelectorAll(".paste textarea").forEach((box) => {
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      box.form.requestSubmit();
    });
  });
})();
