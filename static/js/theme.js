// @ts-check
// Runs before the first paint, so that a dark page never flashes white. Not a module: modules wait for the document.
(() => {
  const KEY = "hefed-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  /** @returns {"light" | "dark"} */
  const wanted = () => {
    const kept = window.localStorage.getItem(KEY);
    if (kept === "light" || kept === "dark") return kept;
    return system.matches ? "dark" : "light";
  };

  /** @param {"light" | "dark"} theme */
  const show = (theme) => {
    document.documentElement.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("hefed:theme"));
  };

  show(wanted());
  system.addEventListener("change", () => show(wanted()));
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-theme-toggle]")) return;
    window.localStorage.setItem(KEY, wanted() === "dark" ? "light" : "dark");
    show(wanted());
  });
})();
