/**
 * Files waiting to be sent with a message: chosen with the paper clip, dropped anywhere, or pasted.
 */
import { bytes } from "./attachments.js";
import { h, replace } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { toast } from "./toast.js";

const MOST = 10; // Discord's limits
const LARGEST = 10 * 1024 * 1024;

export class FileTray {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.holder = holder;
    /** @type {File[]} */
    this.files = [];
    this.urls = [];
  }

  add(files) {
    for (const file of files) {
      if (this.files.length >= MOST) {
        toast(`A message takes at most ${MOST} files.`);
        break;
      }
      if (file.size > LARGEST) toast(`${file.name} is larger than ${bytes(LARGEST)}.`);
      else this.files.push(file);
    }
    this.draw();
  }

  clear() {
    this.files = [];
    this.draw();
  }

  draw() {
    this.urls.forEach((url) => URL.revokeObjectURL(url));
    this.urls = [];
    this.holder.hidden = this.files.length === 0;
    replace(this.holder, this.files.map((file, index) => h("div", { class: "tray-file", data: { testid: "tray-file" } },
      this.preview(file),
      h("span", { class: "tray-name", title: file.name }, file.name),
      h("small", {}, bytes(file.size)),
      iconButton("close", `Remove ${file.name}`, () => {
        this.files.splice(index, 1);
        this.draw();
      }, { class: "icon-button tray-remove" }))));
  }

  preview(file) {
    if (!/^image\/(png|gif|webp|jpeg)$/.test(file.type)) return icon("file");
    const url = URL.createObjectURL(file);
    this.urls.push(url);
    return h("img", { src: url, alt: "" });
  }
}

/**
 * Take files that are dropped on the window or pasted into a field.
 *
 * @param {(files: File[]) => void} take
 * @param {HTMLElement} veil shown while files hover over the window
 */
export function bindDrops(take, veil) {
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const leave = () => {
    depth = 0;
    veil.hidden = true;
  };
  window.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    veil.hidden = false;
  });
  window.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) leave();
  });
  window.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  window.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    leave();
    take([...event.dataTransfer.files]);
  });
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    take(files);
  });
}
