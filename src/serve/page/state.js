// What the page knows, in one place. Modules change it through set() and hear of changes through on().
import { largest } from "./color_map.js";

export class State {
  constructor() {
    this.listeners = new Map();
    this.models = null;
    this.images = [];        // in the order they were opened; see images.js
    this.current = null;     // the image on show
    this.text = "";          // the standard as typed
    this.judged_text = "";   // the standard that results are for: the last text that was understood
    this.check = null;       // {text, answer}: how the server reads the text, with offsets of that text
    this.check_failed = "";  // why there is no reading, in the server's words
    this.own_limit = null;   // of the image score, where the standard has none
    this.threshold = null;   // map value of the mask; null: the server's own
    this.gain = 1;
    this.opacity = 0.75;
    this.layers = { image: true, map: true, saliency: false, mask: false, regions: true, rejected: true,
      object: false, truth: true };
    this.pointed = null;     // the candidate's id that a table row or the pointer is at
    this.dimmed = false;     // whether all but that region is dimmed
    this.references = null;  // {id, images}
    this.connection = "ok";  // "ok", "gone", "busy"
  }

  on(names, listener) {
    for (const name of names.split(" ")) {
      if (!this.listeners.has(name)) this.listeners.set(name, []);
      this.listeners.get(name).push(listener);
    }
  }

  // Calls every listener once, even if several of its names are given.
  emit(...names) {
    const called = new Set();
    for (const name of names) for (const listener of this.listeners.get(name) || []) called.add(listener);
    for (const listener of called) listener();
  }

  // set({gain: 2}) assigns the values and tells those who listen to their names.
  set(changes) {
    const names = Object.keys(changes).filter((name) => this[name] !== changes[name]);
    Object.assign(this, changes);
    if (names.length) this.emit(...names);
  }
}

// What a result depends on: an image whose result has another key has to be judged again.
export function result_key(state) {
  return JSON.stringify([state.judged_text, state.references ? state.references.id : null]);
}

// The limit of the image score that applies: the standard's own, else the one set on the page.
export function score_limit(state) {
  const stated = stated_limit(state);
  return stated !== null ? stated : state.own_limit;
}

function stated_limit(state) {
  const answer = state.check && state.check.answer;
  const stated = answer && answer.prompt ? answer.prompt.limit : null;
  return stated === undefined ? null : stated;
}

export function verdict_of(entry, limit) {
  if (entry.score === null || entry.score === undefined) return null;
  if (entry.no_content) return "not OK";
  if (limit === null) return null;
  return entry.score >= limit ? "not OK" : "OK";
}

// The server's full scale; where it is 0, the map's own maximum.
function natural_scale(state, entry) {
  const models = state.models || {};
  const stated = models.full_scale !== undefined ? models.full_scale : models.scores_to_one === false ? 0 : 1;
  if (stated > 0 || !entry || !entry.map) return stated > 0 ? stated : 1;
  if (entry.map.largest === undefined) entry.map.largest = largest(entry.map.values);
  return entry.map.largest || 1;
}

// The map value that is drawn hottest.
export function full_scale(state, entry) {
  return natural_scale(state, entry) / state.gain;
}

export function mask_threshold(state, entry) {
  if (state.threshold !== null) return state.threshold;
  const standing = state.models ? state.models.threshold : undefined;
  return entry && entry.result ? entry.result.threshold : standing || 0.5;
}

// The options of a judge request, for everything but the map on the page.
export function judge_options(state, entry) {
  const options = {};
  const models = state.models || {};
  if (models.takes_words !== false && state.judged_text.trim()) options.prompt = state.judged_text;
  // A limit in the standard speaks for itself; null removes the server's own.
  if (stated_limit(state) === null) options.limit = state.own_limit;
  if (state.threshold !== null) options.threshold = state.threshold;
  if (state.gain !== 1) options.full_scale = full_scale(state, entry);
  if (state.references) options.references = state.references.id;
  return options;
}
