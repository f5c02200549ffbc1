// The key / puts the cursor into the box that finds, unless somebody is typing.
"use strict";

const box = document.getElementById("find-words");
const typing = "input, textarea, select, [contenteditable]";

if (box) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest(typing)) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
}
