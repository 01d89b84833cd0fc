// What htmx cannot say by itself: a part of the page whose service is away says so, and the rest of the page works on.
function away(event) {
  const place = event.target.closest("[data-away]");
  if (place === null || place.querySelector(".away")) return;
  const note = document.createElement("p");
  note.className = "away";
  note.setAttribute("role", "status");
  note.textContent = place.dataset.away;
  place.append(note);
}
document.addEventListener("htmx:responseError", away);
document.addEventListener("htmx:sendError", away);

// After a refusal the reader begins at what is to be looked at again.
document.querySelector(".mistakes")?.focus();
