// The text field of the standard. A layer behind it holds the same text with the same metrics and carries
// the marks: what is understood has a coloured ground, what is not is underlined.
import { by_id, element, replace_children, set_text, plural } from "./dom.js";
import { TextOffsets } from "./text_offsets.js";

const kPartNames = { phrase: "Look for", rule: "Rule", count: "Count", limit: "Limit", object: "Object",
  other: "Setting" };

// Messages for terminals quote the sentence on further lines; here the place itself is marked.
const first_line = (message) => message.split("\n")[0];

// Spans of the text to mark, in order and without overlap: {begin, end, mark}, in UTF-16 units.
export function collect_marks(text, answer) {
  const offsets = new TextOffsets(text);
  const marks = new Array(text.length).fill("");
  const paint = (span, mark) => marks.fill(mark, offsets.index(span.begin), offsets.index(span.end));
  const sentences = (answer && answer.sentences) || [];
  for (const sentence of sentences) {
    for (const part of sentence.parts || []) paint(part, part.kind);
    for (const number of sentence.numbers || []) paint(number, "number");
    if (sentence.error) paint_error(sentence);
  }
  const whole = answer && answer.error;
  if (whole && whole.begin < whole.end) paint(whole, "error");
  const spans = [];
  for (let i = 0; i < text.length; i++) {
    const last = spans[spans.length - 1];
    if (last && last.mark === marks[i]) last.end = i + 1;
    else spans.push({ begin: i, end: i + 1, mark: marks[i] });
  }
  return spans;

  // An error without a place of its own is the whole sentence's.
  function paint_error(sentence) {
    const { begin, end } = sentence.error;
    paint(begin < end ? sentence.error : sentence, "error");
  }
}

export class PromptEditor {
  constructor(state, on_edit) {
    this.state = state;
    this.field = by_id("standard-text");
    this.backdrop = by_id("standard-backdrop");
    this.field.addEventListener("input", () => on_edit(this.field.value));
    state.on("text check check_failed", () => this.render());
    state.on("models", () => this.render());
  }

  // Marks a sentence that a table row or a slider refers to.
  flash(span) {
    const offsets = new TextOffsets(this.state.text);
    this.select(offsets.index(span.begin), offsets.index(span.end), false);
  }

  select(begin, end, focus) {
    if (focus) this.field.focus();
    this.field.setSelectionRange(begin, end);
    this.flashed = { begin, end };
    this.render_backdrop();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.flashed = null;
      this.render_backdrop();
    }, 1600);
  }

  render() {
    if (this.field.value !== this.state.text) this.field.value = this.state.text;
    this.render_backdrop();
    this.render_parts();
    this.render_problems();
  }

  render_backdrop() {
    const { text, check } = this.state;
    // Until the answer for this very text is there, old marks would stand at wrong places.
    const fresh = check && check.text === text;
    const spans = fresh ? collect_marks(text, check.answer) : [{ begin: 0, end: text.length, mark: "" }];
    const nodes = [];
    for (const span of spans) {
      for (const piece of this.split_by_flash(span)) {
        const part = text.slice(piece.begin, piece.end);
        const classes = [span.mark && "mark-" + span.mark, piece.flash && "mark-flash"].filter(Boolean);
        nodes.push(classes.length ? element("span", { class: classes.join(" "), text: part }) : part);
      }
    }
    // A last line break has no height of its own without something after it.
    replace_children(this.backdrop, ...nodes, "\u200b");
  }

  split_by_flash(span) {
    const flash = this.flashed;
    if (!flash) return [span];
    const cut = (at) => Math.min(Math.max(at, span.begin), span.end);
    const begin = cut(flash.begin), end = cut(flash.end);
    return [{ begin: span.begin, end: begin }, { begin, end, flash: true }, { begin: end, end: span.end }]
      .filter((piece) => piece.begin < piece.end);
  }

  render_parts() {
    const { text, check } = this.state;
    if (!check || check.text !== text) return;
    const offsets = new TextOffsets(text);
    const rules = (check.answer.prompt && check.answer.prompt.rules) || [];
    const chips = [];
    for (const sentence of check.answer.sentences || []) {
      for (const part of sentence.parts || []) {
        const rule = part.kind === "rule" ? rules.indexOf(part.text) : -1;
        chips.push(element("li", {},
          element("button", {
            type: "button", class: "chip chip-" + part.kind, title: "Show this in the text",
            onclick: () => this.select(offsets.index(part.begin), offsets.index(part.end), true),
          },
          element("span", { class: "chip-kind", text: (kPartNames[part.kind] || "Setting") +
            (rule >= 0 ? " " + (rule + 1) : "") }),
          element("span", { class: "chip-text", text: " " + part.text }))));
      }
    }
    replace_children(by_id("parts"), ...chips);
    by_id("parts").hidden = chips.length === 0;
  }

  render_problems() {
    const { text, check, check_failed } = this.state;
    const items = [];
    if (check_failed) items.push(element("li", { text: check_failed }));
    if (!check_failed && check && check.text === text) {
      const offsets = new TextOffsets(text);
      for (const sentence of check.answer.sentences || []) {
        if (!sentence.error) continue;
        const place = sentence.error.begin < sentence.error.end ? sentence.error : sentence;
        const begin = offsets.index(place.begin), end = offsets.index(place.end);
        items.push(this.problem(first_line(sentence.error.message), begin, end));
      }
      if (check.answer.error) items.push(this.whole_problem(check.answer.error, offsets));
      const notes = (check.answer.notes || []).map((note) => element("li", { text: note }));
      replace_children(by_id("prompt-notes"), ...notes);
      by_id("prompt-notes").hidden = notes.length === 0;
    }
    const list = by_id("prompt-problems");
    // Rebuilt only if it differs: it is a live region.
    const key = items.map((item) => item.textContent).join("\n");
    if (key !== this.problems_key) replace_children(list, ...items);
    this.problems_key = key;
    list.hidden = items.length === 0;
    this.field.setAttribute("aria-invalid", items.length ? "true" : "false");
    this.render_status(items.length);
  }

  // Of the sentences together: a contradiction stands at the later of them, others have no place.
  whole_problem({ message, begin, end }, offsets) {
    if (!(begin < end)) return element("li", { text: first_line(message) });
    return this.problem(first_line(message), offsets.index(begin), offsets.index(end));
  }

  problem(message, begin, end) {
    const quoted = this.state.text.slice(begin, end).trim();
    return element("li", {},
      element("button", { type: "button", class: "link", text: quoted ? `“${quoted}”` : "Show the place",
        title: "Show this in the text", onclick: () => this.select(begin, end, true) }),
      element("span", { text: " " + message }));
  }

  render_status(problems) {
    const { text, check } = this.state;
    let status = "Reading…";
    if (problems) status = plural(problems, "problem");
    else if (!text.trim()) status = "The server's default applies";
    else if (check && check.text === text) status = "Understood";
    const node = by_id("standard-status");
    set_text(node, status);
    node.className = "status " + (problems ? "status-bad" : status === "Understood" ? "status-good" : "");
  }
}
