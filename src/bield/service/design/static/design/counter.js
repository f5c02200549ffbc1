// How many characters are left in a text that has a limit. Nothing is cut: too long is said, and every letter stays.
"use strict";

for (const area of document.querySelectorAll("textarea[data-most]")) {
  const most = Number(area.dataset.most);
  const count = document.createElement("p");
  count.className = "ds_hint-text";
  count.setAttribute("aria-live", "polite");
  area.after(count);

  const show = () => {
    const length = [...area.value].length;
    const left = most - length;
    if (left < 0) {
      count.textContent = area.dataset.over.replace("0", (-left).toLocaleString());
    } else {
      count.textContent = length > most * 0.8 ? area.dataset.left.replace("0", left.toLocaleString()) : "";
    }
    count.classList.toggle("bield-over", left < 0);
  };

  area.addEventListener("input", show);
  show();
}
