/* Moments in the reader's own zone and format, bars of runs that are under way, forms that are sent once, what is to be
   copied. No network but our own. */
(function () {
  "use strict";

  const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

  function localise(root) {
    root.querySelectorAll("time[datetime]:not([data-shown])").forEach(function (each) {
      const given = each.getAttribute("datetime");
      const parsed = new Date(given);
      if (Number.isNaN(parsed.getTime())) return;
      each.textContent = (given.length === 10 ? day : moment).format(parsed);
      each.setAttribute("data-shown", "");
    });
  }

  function show(bar, run) {
    const part = run.due ? Math.min(100, Math.round((100 * run.done) / run.due)) : run.status === "RUNNING" ? 0 : 100;
    bar.querySelector(".bo-bar > span").style.width = part + "%";
    const failed = run.failed ? ", " + run.failed.toLocaleString() + " failed" : "";
    bar.querySelector(".bo-figures").textContent =
      run.done.toLocaleString() + " of " + run.due.toLocaleString() + ", " + run.invoices.toLocaleString() + " invoices" + failed;
  }

  /* Once a second while it runs and the page is looked at; the page is read anew when it is finished. */
  function follow(bar) {
    const timer = setInterval(async function () {
      if (document.hidden) return;
      try {
        const answer = await fetch(bar.dataset.run, { headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        const run = await answer.json();
        show(bar, run);
        if (run.status !== "RUNNING") {
          clearInterval(timer);
          window.location.reload();
        }
      } catch (error) {
        /* The next second tries again. */
      }
    }, 1000);
  }

  /* A second click while the first is answered would show its answer in the place of the first one's. */
  function sendOnce(form) {
    form.addEventListener("submit", function (event) {
      if (form.hasAttribute("data-sent")) event.preventDefault();
      form.setAttribute("data-sent", "");
    });
    window.addEventListener("pageshow", function () {
      form.removeAttribute("data-sent");
    });
  }

  function copies(button) {
    button.addEventListener("click", async function () {
      const what = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(what.textContent);
        button.lastChild.textContent = "Copied";
      } catch (error) {
        window.getSelection().selectAllChildren(what);
      }
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    localise(document);
    document.querySelectorAll("form.bo-asking").forEach(sendOnce);
    document.querySelectorAll("[data-copy]").forEach(copies);
    document.querySelectorAll('.bo-progress[data-status="RUNNING"]').forEach(follow);
  });
})();
