// Runs before the first paint, so it is a classic blocking script and as small as can be.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen) root.dataset.theme = chosen;
  } catch {
    root.dataset.storage = "none";
  }
})();
