// Stripe's own form on our page: the card goes from the customer's browser to Stripe, and never to us.
(function () {
  "use strict";
  const form = document.getElementById("method");
  const save = document.getElementById("method-save");
  const refused = document.getElementById("method-refused");
  const stripe = window.Stripe(form.dataset.key, { locale: form.dataset.language });
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const elements = stripe.elements({
    clientSecret: form.dataset.secret,
    appearance: { theme: dark ? "night" : "stripe" },
  });
  const entry = elements.create("payment");
  entry.on("ready", function () {
    save.disabled = false;
  });
  entry.mount("#method-form");

  form.addEventListener("submit", async function (event) {
    event.preventDefault();
    save.disabled = true;
    refused.hidden = true;
    // Only what could not be saved comes back here; else Stripe sends the browser on.
    const { error } = await stripe.confirmSetup({ elements, confirmParams: { return_url: form.dataset.back } });
    if (error) {
      refused.textContent = error.message;
      refused.hidden = false;
      save.disabled = false;
    }
  });
})();
