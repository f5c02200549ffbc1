// Leave the page quickly: blank it at once, and do not leave it behind the Back button. Escape does the same.
"use strict";

const exit = document.getElementById("leave");

function leave(event) {
  event.preventDefault();
  document.title = "…";
  document.body.hidden = true;
  window.location.replace(exit.href);
}

if (exit) { // pages for people at work have no quick way out
  exit.addEventListener("click", leave);
  document.addEventListener("keyup", (event) => {
    if (event.key === "Escape") {
      leave(event);
    }
  });
}
