/**
 * Attachments: a single picture large, several as a grid, other files as cards.
 */
import { canLoad, h, localUrl } from "./dom.js";
import { icon } from "./icons.js";
import { openLightbox } from "./lightbox.js";

/** @typedef {import("./types.js").Attachment} Attachment */

const LARGEST = 384; // px: six screen pixels for each of an icon's 64
const SMALLEST = 256; // px: smaller pictures are enlarged by a whole factor up to about this

const isPicture = (file) =>
  (file.content_type?.startsWith("image/") || /\.(png|gif|webp|jpe?g)$/i.test(file.filename)) &&
  !file.content_type?.includes("svg") && canLoad(file.url);

/** @param {Attachment[]} files */
export function attachmentNodes(files) {
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !pictures.includes(file));
  const nodes = [];
  if (pictures.length === 1) nodes.push(pictureNode(pictures, 0));
  else if (pictures.length > 1) {
    const columns = { 2: 2, 4: 2, 3: 3, 5: 3, 6: 3, 9: 3, 7: 4, 8: 4 }[pictures.length] ?? 5;
    nodes.push(h("div", { class: `picture-grid columns-${columns}`, data: { testid: "picture-grid" } },
      pictures.map((_, index) => pictureNode(pictures, index, true))));
  }
  return [...nodes, ...others.map(fileNode)];
}

/** The size a single picture is shown at. @returns {{width: number, height: number, pixelated: boolean}|null} */
function shownSize(width, height) {
  if (!width || !height) return null;
  const side = Math.max(width, height);
  const factor = side < SMALLEST ? Math.max(1, Math.ceil(SMALLEST / side)) : Math.min(1, LARGEST / side);
  return { width: Math.round(width * factor), height: Math.round(height * factor), pixelated: factor > 1 };
}

function pictureNode(pictures, index, inGrid = false) {
  const file = pictures[index];
  const text = file.description || file.filename;
  const url = localUrl(file.url);
  const image = h("img", {
    src: url, alt: text, title: text, decoding: "async", draggable: "false",
    data: { testid: "picture", width: file.width, height: file.height },
  });
  const size = (width, height) => {
    const shown = inGrid ? null : shownSize(width, height);
    image.classList.toggle("pixelated", Boolean(shown?.pixelated) || (inGrid && width < SMALLEST));
    if (!shown) return;
    image.width = shown.width;
    image.height = shown.height;
  };
  if (file.width) size(file.width, file.height);
  else image.addEventListener("load", () => size(image.naturalWidth, image.naturalHeight), { once: true });
  const frame = h("div", { class: "picture" },
    h("button", {
      type: "button", class: "picture-open", "aria-label": `Enlarge: ${text}`, on: { click: () => openLightbox(pictures, index) },
    }, image),
    h("a", {
      class: "picture-download", href: url, download: file.filename, title: `Download ${file.filename}`,
      "aria-label": `Download ${file.filename}`,
    }, icon("download")));
  image.addEventListener("error", () => frame.replaceWith(fileNode(file)));
  return frame;
}

function fileNode(file) {
  const url = localUrl(file.url);
  return h("div", { class: "file-card", data: { testid: "file" } },
    icon("file"),
    h("div", { class: "file-text" },
      url ? h("a", { href: url, download: file.filename }, file.filename) : file.filename,
      h("small", {}, [file.description, file.size == null ? null : bytes(file.size)].filter(Boolean).join(" · "))),
    url ? h("a", { class: "icon-button", href: url, download: file.filename, "aria-label": `Download ${file.filename}` },
      icon("download")) : null);
}

/** 1234567 -> "1.2 MB". */
export function bytes(count) {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, count > 0 ? Math.floor(Math.log(count) / Math.log(1000)) : 0);
  return `${(count / 1000 ** power).toFixed(power > 0 && count / 1000 ** power < 10 ? 1 : 0)} ${units[power]}`;
}
