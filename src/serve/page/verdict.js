// The verdict on the image on show, in one line above it.
import { by_id, set_text, format_score } from "./dom.js";
import { result_key, score_limit, verdict_of } from "./state.js";

export class Verdict {
  constructor(state) {
    this.state = state;
    state.on("current result images own_limit check", () => this.render());
    state.on("judged_text references busy connection text", () => this.render());
  }

  render() {
    const { state } = this;
    const entry = state.current;
    by_id("verdict").hidden = !entry;
    by_id("verdict-note").hidden = true;
    if (!entry) return;
    const limit = score_limit(state);
    const verdict = verdict_of(entry, limit);
    const mark = by_id("verdict-mark");
    const known = entry.score !== null;
    set_text(mark, verdict === "not OK" ? "NOT OK" : verdict || (known ? "No limit" : "–"));
    mark.className = "verdict-mark " + (verdict === "OK" ? "good" : verdict ? "bad" : "none");
    set_text(by_id("image-name"), entry.name);
    set_text(by_id("verdict-score"), known ? format_score(entry.score) : "–");
    set_text(by_id("verdict-limit"), limit === null ? "not set" : format_score(limit));
    set_text(by_id("verdict-regions"), this.count(entry, limit));
    const note = this.note(entry);
    set_text(by_id("verdict-note"), note);
    by_id("verdict-note").hidden = note === "";
  }

  count(entry, limit) {
    if (!entry.result) return "–";
    const kept = entry.result.candidates.filter((candidate) => candidate.kept);
    const below = limit === null ? 0 : kept.filter((candidate) => candidate.refined_score < limit).length;
    return `${kept.length} kept` + (below ? ` (${below} below the limit)` : "") +
      `, ${entry.result.candidates.length - kept.length} rejected`;
  }

  note(entry) {
    if (entry.no_content) return `Nothing to inspect: ${entry.no_content}.`;
    const stale = entry.result_key !== result_key(this.state);
    if (this.state.connection === "ok" && !entry.error && (entry.working || stale)) {
      return entry.result ? "Updating…" : "Inspecting…";
    }
    const { check, text } = this.state;
    const not_understood = check && check.text === text && !check.answer.understood;
    if (entry.result && (stale || not_understood)) return "Of the standard before";
    return entry.seconds !== null ? `${Math.max(1, Math.round(entry.seconds * 1000))} ms` : "";
  }
}
