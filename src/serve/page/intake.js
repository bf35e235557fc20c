// Ways for images to come in: file choice, drop, paste, samples.
import { by_id, element, replace_children } from "./dom.js";

const has_files = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");

export class Intake {
  // on_images(files), on_truth(file), on_sample(sample)
  constructor(state, on_images, on_truth) {
    Object.assign(this, { state, on_images, on_truth, depth: 0 });
    this.choose("open-files", "file-input", (files) => on_images(files));
    by_id("open-first").addEventListener("click", () => by_id("file-input").click());
    this.choose("open-truth", "truth-input", (files) => on_truth(files[0]));
    this.listen_for_drops();
    document.addEventListener("paste", (event) => this.paste(event));
    state.on("current", () => {
      by_id("open-truth").disabled = !state.current;
    });
  }

  choose(button_id, input_id, on_files) {
    const input = by_id(input_id);
    by_id(button_id).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const files = Array.from(input.files);
      input.value = "";  // so that the same file can be chosen again
      if (files.length) on_files(files);
    });
  }

  listen_for_drops() {
    const zones = by_id("drop-zones");
    const show = (visible) => {
      zones.hidden = !visible;
      by_id("drop-truth").hidden = !this.state.current;
    };
    // Entering a child comes before leaving its parent, so the two are counted.
    window.addEventListener("dragenter", (event) => {
      if (!has_files(event)) return;
      event.preventDefault();
      this.depth++;
      show(true);
    });
    window.addEventListener("dragleave", (event) => {
      if (!has_files(event)) return;
      this.depth = Math.max(0, this.depth - 1);
      if (this.depth === 0) show(false);
    });
    window.addEventListener("dragover", (event) => {
      if (!has_files(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      const truth = by_id("drop-truth");
      truth.classList.toggle("over", truth.contains(event.target));
    });
    window.addEventListener("drop", (event) => {
      if (!has_files(event)) return;
      event.preventDefault();
      this.depth = 0;
      show(false);
      const files = Array.from(event.dataTransfer.files);
      if (!files.length) return;
      if (by_id("drop-truth").contains(event.target)) this.on_truth(files[0]);
      else this.on_images(files);
    });
  }

  paste(event) {
    const files = event.clipboardData ? Array.from(event.clipboardData.files) : [];
    if (!files.length) return;
    event.preventDefault();
    this.on_images(files);
  }
}

// Buttons for the server's samples; their thumbnails are loaded one after the other.
export async function show_samples(api, on_sample) {
  const { samples } = await api.samples();
  const buttons = samples.map((sample) => {
    const frame = element("span", { class: "sample-frame" });
    const button = element("button", {
      type: "button", class: "sample", title: sample.name, onclick: () => on_sample(sample),
    }, frame, element("span", { class: "sample-name", text: sample.name }));
    return { sample, frame, button };
  });
  replace_children(by_id("samples-list"), ...buttons.map(({ button }) => element("li", {}, button)));
  by_id("samples").hidden = samples.length === 0;
  for (const { sample, frame } of buttons) {
    const image = element("img", { alt: "" });
    const address = URL.createObjectURL(await api.sample(sample.index));
    image.addEventListener("load", () => URL.revokeObjectURL(address));
    image.addEventListener("error", () => URL.revokeObjectURL(address));
    image.src = address;
    frame.append(image);
  }
}
