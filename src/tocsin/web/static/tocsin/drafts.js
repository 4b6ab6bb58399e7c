// What is typed into a report is kept as a draft: after a pause, when the page is left or the phone put
// away, and before anything is sent, so that nothing is lost when a session has ended meanwhile or the
// node does not answer. Without this file, "Keep as a draft" keeps one.
"use strict";

(() => {
  const WAIT_MS = 5_000;
  // A request that outlives its page may carry 64 KiB.
  const MOST_LEFT_BEHIND = 60_000;
  const NOT_TYPED = new Set(["csrfmiddlewaretoken", "draft", "draft_changed_at"]);

  const prepare = () => {
    const form = document.getElementById("record");
    if (!form || "keeps" in form.dataset) return;
    form.dataset.keeps = "";
    const state = document.getElementById("draft-state");
    const troubles = [...document.querySelectorAll("#draft-troubles [data-trouble]")];
    const token = form.elements.namedItem("csrfmiddlewaretoken");

    const tell = (trouble) => {
      for (const one of troubles) one.hidden = one.dataset.trouble !== trouble;
    };
    const write = () => {
      const texts = [...new FormData(form)].filter(([, value]) => typeof value === "string");
      return new URLSearchParams(texts.filter(([name]) => !NOT_TYPED.has(name))).toString();
    };
    const getKnown = (name) => state?.querySelector(`[name=${name}]`)?.value ?? "";
    const getNumber = () => getKnown("draft");
    // Going back to the page opens the draft, and does not ask whether to send the form again.
    const nameDraft = () => {
      if (getNumber()) history.replaceState(null, "", `${form.action}?draft=${getNumber()}`);
    };

    let kept = write();
    let isSignedOut = false;

    const send = (typed, isLeaving) => {
      const headers = { "HX-Request": "true", "X-CSRFToken": token.value };
      const usual = { headers, credentials: "same-origin", redirect: "manual" };
      // Without a draft to keep, the least that only who is signed in is told.
      if (!state) return fetch(`${form.dataset.suggestions}?q=`, usual);
      const body = new URLSearchParams(typed);
      for (const name of ["draft", "draft_changed_at"]) body.append(name, getKnown(name));
      const keepalive = isLeaving && body.toString().length < MOST_LEFT_BEHIND;
      return fetch(state.dataset.autosave, { ...usual, method: "POST", body, keepalive });
    };
    // Who signs in again, in another tab, gets another token.
    const renewToken = async () => {
      const page = await fetch(location.href, { credentials: "same-origin" });
      const read = new DOMParser().parseFromString(await page.text(), "text/html");
      token.value = read.querySelector("#record [name=csrfmiddlewaretoken]")?.value ?? token.value;
    };
    // Says whether the form may be sent: what the node has to say against it, it says then.
    const keep = async (isLeaving = false) => {
      const typed = write();
      if (state && typed === kept) return true;
      try {
        if (isSignedOut) await renewToken();
        let answer = await send(typed, isLeaving);
        if (answer.status === 403) {
          await renewToken();
          answer = await send(typed, isLeaving);
        }
        isSignedOut = answer.status === 401;
        tell(isSignedOut ? "signed-out" : "");
        if (state && answer.ok) {
          state.innerHTML = await answer.text();
          kept = typed;
          nameDraft();
        }
        return !isSignedOut;
      } catch {
        tell("no-answer");
        return false;
      }
    };

    let running = null;
    const keepInTurn = () => {
      const turn = running ? running.then(() => keep()) : keep();
      running = turn;
      turn.finally(() => { if (running === turn) running = null; });
      return turn;
    };
    // A page that goes waits for nothing; it is told of twice, and no second draft may be begun.
    let left = kept;
    const keepLeaving = () => {
      const typed = write();
      if (typed === left || (running && !getNumber())) return;
      left = typed;
      keep(true);
    };
    let waiting = 0;
    let isChecked = false;
    let isChecking = false;

    if (state) {
      form.addEventListener("input", () => {
        window.clearTimeout(waiting);
        waiting = window.setTimeout(keepInTurn, WAIT_MS);
      });
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "hidden") keepLeaving();
      });
      window.addEventListener("pagehide", keepLeaving);
      nameDraft();
    }
    form.addEventListener("submit", async (event) => {
      if (isChecked) return;
      event.preventDefault();
      if (isChecking) return;
      isChecking = true;
      isChecked = await keepInTurn();
      isChecking = false;
      if (isChecked) form.requestSubmit(event.submitter);
    });
    // A page that comes back from memory is sent anew.
    window.addEventListener("pageshow", () => { isChecked = false; });
  };

  if (document.readyState === "complete") prepare();
  else document.addEventListener("DOMContentLoaded", prepare);
})();
