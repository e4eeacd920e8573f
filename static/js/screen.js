// The big screen: pages turn by themselves, by key and by button; the figures are fetched anew every few minutes. When
// the server is away, what is shown stays and says how old it is. Nothing is kept from one fetch to the next.

const pages = document.querySelector("[data-screen-pages]");
const time = document.querySelector("[data-screen-time]");
const trouble = document.querySelector("[data-screen-trouble]");
const at = document.querySelector("[data-screen-at]");
const pause = document.querySelector("[data-screen-pause]");
const TURN = Number(pages.dataset.turnSeconds) * 1000;
const REFRESH = Number(pages.dataset.refreshSeconds) * 1000;
const PATIENCE = 30_000;

let current = 0;
let turning = !matchMedia("(prefers-reduced-motion: reduce)").matches;
let turnTimer = 0;

const all = () => [...pages.querySelectorAll("[data-screen-page]")];

const schedule = () => {
  clearTimeout(turnTimer);
  if (turning) turnTimer = setTimeout(() => show(current + 1), TURN);
};

const show = (index) => {
  const found = all();
  current = (index + found.length) % found.length;
  found.forEach((page, place) => (page.hidden = place !== current));
  at.textContent = `${current + 1} / ${found.length}`;
  schedule();
};

const setTurning = (on) => {
  turning = on;
  pause.textContent = on ? "暂停" : "继续";
  pause.setAttribute("aria-pressed", String(!on));
  schedule();
};

const KEYS = {
  ArrowRight: () => show(current + 1),
  PageDown: () => show(current + 1),
  ArrowLeft: () => show(current - 1),
  PageUp: () => show(current - 1),
  Home: () => show(0),
  End: () => show(-1),
  " ": () => setTurning(!turning),
};

document.addEventListener("keydown", (event) => {
  const onButton = event.target instanceof Element && event.target.closest("button, a");
  if (event.ctrlKey || event.altKey || event.metaKey || (event.key === " " && onButton)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const say = (words) => {
  trouble.textContent = words;
  trouble.hidden = !words;
};

const refresh = async () => {
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = fresh && fresh.querySelector("[data-screen-pages]");
    if (found) {
      pages.replaceChildren(...found.children);
      time.textContent = fresh.querySelector("[data-screen-time]").textContent;
      say("");
      show(Math.min(current, all().length - 1));
    } else {
      say(fresh || answer.status === 403 ? "登录已失效" : "连接中断");
    }
  } catch {
    say("连接中断");
  }
  setTimeout(refresh, REFRESH);
};

document.querySelector("[data-screen-next]").addEventListener("click", () => show(current + 1));
document.querySelector("[data-screen-back]").addEventListener("click", () => show(current - 1));
pause.addEventListener("click", () => setTurning(!turning));
document.querySelector("[data-screen-buttons]").hidden = false;
show(0);
setTurning(turning);
setTimeout(refresh, REFRESH);
