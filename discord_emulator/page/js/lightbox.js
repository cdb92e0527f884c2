/**
 * A dialog that shows a picture large. Small pictures are scaled by integer factors without smoothing, to show
 * their exact pixels; the arrow keys go through the message's pictures.
 */
import { h, localUrl, replace } from "./dom.js";
import { icon, iconButton } from "./icons.js";

/** @param {import("./types.js").Attachment[]} pictures @param {number} start which one first */
export function openLightbox(pictures, start) {
  let at = start;
  const image = h("img", { class: "lightbox-image" });
  const caption = h("p", { class: "lightbox-caption", "aria-live": "polite" });
  const links = h("div", { class: "lightbox-links" });
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", {
    class: "lightbox", "aria-label": "Picture", data: { testid: "lightbox" },
    on: {
      close: () => dialog.remove(),
      click: (event) => {
        if (event.target === dialog || event.target.classList.contains("lightbox-stage")) dialog.close();
      },
      keydown: (event) => {
        if (event.key === "ArrowRight") show(at + 1);
        if (event.key === "ArrowLeft") show(at - 1);
      },
    },
  },
  h("div", { class: "lightbox-stage" }, image),
  h("div", { class: "lightbox-bar" }, caption, links),
  iconButton("close", "Close", () => dialog.close(), { class: "icon-button lightbox-close" })));
  if (pictures.length > 1) {
    dialog.append(
      iconButton("left", "Previous picture", () => show(at - 1), { class: "icon-button lightbox-previous" }),
      iconButton("right", "Next picture", () => show(at + 1), { class: "icon-button lightbox-next" }));
  }

  function fit() {
    const { naturalWidth: width, naturalHeight: height } = image;
    if (!width) return;
    const room = Math.min((window.innerWidth * 0.92) / width, (window.innerHeight * 0.78) / height);
    const scale = room >= 2 ? Math.floor(Math.min(room, Math.max(1, 768 / width))) : Math.min(1, room);
    image.classList.toggle("pixelated", scale >= 2);
    image.style.setProperty("width", `${Math.round(width * scale)}px`);
  }

  function show(index) {
    at = (index + pictures.length) % pictures.length;
    const picture = pictures[at];
    const url = localUrl(picture.url);
    image.alt = picture.description || picture.filename;
    image.src = url;
    const size = picture.width ? ` · ${picture.width} × ${picture.height}` : "";
    const place = pictures.length > 1 ? ` · ${at + 1} of ${pictures.length}` : "";
    replace(caption, h("strong", {}, picture.description || picture.filename),
      h("span", {}, `${picture.filename}${size}${place}`));
    replace(links,
      h("a", { class: "button button-2", href: url, download: picture.filename }, icon("download"), "Download"),
      h("a", { class: "button button-2", href: url, target: "_blank", rel: "noopener" }, icon("external"), "Open"));
  }

  image.addEventListener("load", fit);
  document.body.append(dialog);
  show(start);
  dialog.showModal();
}
