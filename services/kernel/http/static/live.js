// A page that others change says so, and changes nothing by itself: asked now and then, and not while nobody looks.
(function () {
  const GONE = [401, 403, 404, 410];

  function tell(place) {
    const words = document.getElementById("changed").content.cloneNode(true);
    words.querySelector("a").href = location.pathname + location.search;
    place.replaceChildren(words);
  }

  function follow(place) {
    let timer, asking = false;
    const every = Number(place.dataset.every) * 1000;

    async function ask() {
      if (document.hidden || asking) return;
      asking = true;
      try {
        const headers = { "If-None-Match": `"${place.dataset.tag}"` };
        const answer = await fetch(place.dataset.live, { headers, cache: "no-store" });
        const changed = answer.ok && answer.headers.get("ETag") !== headers["If-None-Match"];
        if (changed) tell(place);
        if (changed || GONE.includes(answer.status)) clearInterval(timer);
      } catch {
        // away for a moment: asked again
      } finally {
        asking = false;
      }
    }
    timer = setInterval(ask, every);
    document.addEventListener("visibilitychange", ask);
  }

  document.querySelectorAll("[data-live]").forEach(follow);
})();
