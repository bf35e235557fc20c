// Files of the result on the page, and the command line that repeats it.
import { by_id, element, replace_children, set_text } from "./dom.js";
import { command_line } from "./command_line.js";
import { judge_options, score_limit, full_scale } from "./state.js";

const kFallbackNames = { "json": ".json", "overlay": ".overlay.png", "mask": ".mask.png",
  "anomaly.tiff": ".anomaly.tiff" };

function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

export class Downloads {
  constructor(api, state, images) {
    Object.assign(this, { api, state, images });
    for (const button of document.querySelectorAll("[data-write]")) {
      button.addEventListener("click", () => this.fetch_file(button.dataset.write));
    }
    by_id("download-prompt").addEventListener("click", () => this.save_prompt());
    by_id("copy-command").addEventListener("click", () => this.copy());
    state.on("current result own_limit threshold gain check models references", () => this.render());
  }

  // The standard as TOML: of the text, or the server's own where the text is empty.
  toml() {
    const { check, models, text } = this.state;
    if (text.trim()) return check && check.text === text && check.answer.understood ? check.answer.toml : "";
    return models && models.prompt ? models.prompt.toml || "" : "";
  }

  command() {
    const { state } = this;
    const models = state.models || {};
    const entry = state.current;
    return command_line({
      command: models.command,
      image: entry ? entry.name : "IMAGE",
      prompt: models.takes_words !== false,
      limit: score_limit(state),
      threshold: state.threshold,
      full_scale: state.gain === 1 ? null : Number(full_scale(state, entry).toPrecision(4)),
    });
  }

  render() {
    const { state } = this;
    const ready = Boolean(state.current && state.current.result);
    for (const button of document.querySelectorAll("[data-write]")) button.disabled = !ready;
    by_id("download-prompt").disabled = !this.toml();
    this.show_command();
    const { references } = state;
    by_id("command-note").hidden = !references;
    if (references) {
      set_text(by_id("command-note"),
        "The command lacks the references of this page: add --references with a folder of the good images.");
    }
  }

  // Each word is an element of its own, so that a line does not end after the hyphens of an option.
  show_command() {
    const box = by_id("command"), command = this.command();
    if (box.textContent === command) return;
    const pieces = command.split(" ").map((word, i) => [i ? " " : "", element("span", { text: word })]);
    replace_children(box, ...pieces.reduce((all, piece) => all.concat(piece), []));
  }

  save_prompt() {
    save(new Blob([this.toml()], { type: "application/toml" }), "standard.toml");
  }

  async fetch_file(write) {
    const { state, images, api } = this;
    const entry = state.current;
    const status = by_id("download-status");
    set_text(status, "Preparing the file…");
    try {
      const options = judge_options(state, entry);
      const parts = await images.with_id(entry, (id) => api.judge_files(id, options, write));
      const stem = entry.name.replace(/\.[^.]*$/, "");
      const { bytes, type, filename } = parts[0];
      save(new Blob([bytes], { type }), filename || stem + kFallbackNames[write]);
      set_text(status, "");
    } catch (error) {
      set_text(status, error.message);
    }
  }

  async copy() {
    const status = by_id("download-status");
    try {
      await navigator.clipboard.writeText(this.command());
      set_text(status, "Copied.");
    } catch (error) {
      // Without permission the text is selected, to be copied by hand.
      getSelection().selectAllChildren(by_id("command"));
      set_text(status, "Selected: copy it with Ctrl+C.");
    }
  }
}
