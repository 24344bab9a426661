// @ts-check
// Asks for the page every five seconds, puts in what changed, and says so when the agent no longer answers.

const EVERY_MILLISECONDS = 5000;

/** @param {Document} fresh @param {string} selector */
function replace(fresh, selector) {
  const [shown, found] = [document.querySelector(selector), fresh.querySelector(selector)];
  if (shown && found && shown.innerHTML !== found.innerHTML) shown.innerHTML = found.innerHTML;
}

/** @param {string} text */
function say(text) {
  const place = document.querySelector("#stopped");
  if (!(place instanceof HTMLElement) || (text !== "" && !place.hidden)) return;
  place.hidden = text === "";
  place.textContent = text;
}

async function refresh() {
  try {
    const response = await fetch("/", { cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    replace(fresh, "#now");
    replace(fresh, "main");
    say("");
  } catch {
    const now = new Date().toISOString().slice(0, 19).replace("T", " ");
    say(`The agent does not answer since ${now} UTC: it was stopped, or starts again. What stands below is old.`);
  }
}

setInterval(refresh, EVERY_MILLISECONDS);
