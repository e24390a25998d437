// The language of the page, for the board and the annexes.
"use strict";
(() => {
  const root = document.documentElement;
  const buttons = [...document.querySelectorAll("[data-set-lang]")];
  const speak = (lang) => {
    root.lang = root.dataset.lang = lang;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.setLang === lang));
    for (const option of document.querySelectorAll("[data-vi]")) option.textContent = option.dataset[lang];
  };
  // A page opened from a folder may not be allowed to remember anything; it then starts in Vietnamese each time.
  const remember = (lang) => { try { localStorage.setItem("haidang-lang", lang); } catch { /* not allowed */ } };
  const remembered = () => { try { return localStorage.getItem("haidang-lang"); } catch { return null; } };
  for (const button of buttons) {
    button.addEventListener("click", () => { speak(button.dataset.setLang); remember(button.dataset.setLang); });
    button.parentElement.hidden = false;
  }
  if (remembered() === "en") speak("en");
  // On paper nothing can be unfolded.
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details:not([open])")) { fold.open = true; fold.dataset.folded = ""; }
  });
  addEventListener("afterprint", () => {
    for (const fold of document.querySelectorAll("details[data-folded]")) { fold.open = false; delete fold.dataset.folded; }
  });
})();
