// Shows what stands in [data-tip] beside its owner, on hover and on keyboard focus; Escape hides it.
(() => {
  const box = document.createElement("div");
  box.className = "tip-box";
  box.id = "tip-box";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  document.body.append(box);
  let owner = null;

  const hide = () => {
    box.hidden = true;
    owner?.removeAttribute("aria-describedby");
    owner = null;
  };
  const show = (element) => {
    hide();
    owner = element;
    box.textContent = element.dataset.tip;
    box.hidden = false;
    element.setAttribute("aria-describedby", box.id);
    const place = element.getBoundingClientRect();
    const left = Math.min(place.left, document.documentElement.clientWidth - box.offsetWidth - 8);
    const below = place.bottom + 6;
    const fits = below + box.offsetHeight < window.innerHeight;
    box.style.left = `${Math.max(8, left)}px`;
    box.style.top = `${fits ? below : Math.max(8, place.top - box.offsetHeight - 6)}px`;
  };
  const ownerOf = (event) => (event.target instanceof Element ? event.target.closest("[data-tip]") : null);

  document.addEventListener("mouseover", (event) => {
    const element = ownerOf(event);
    if (element) show(element);
    else if (owner && owner !== document.activeElement) hide();
  });
  document.addEventListener("focusin", (event) => {
    const element = ownerOf(event);
    if (element) show(element);
    else hide();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  // focus by Tab scrolls its owner into view: the tip goes along instead of vanishing
  document.addEventListener("scroll", () => owner && show(owner), { capture: true, passive: true });
})();
