// Keeps results up to date: the image on show first, then, when nobody is busy with the page, the scores of
// the others. One request is under way at a time; what to ask next is decided only when it has ended, so
// changes made meanwhile are joined into one request.
import { ApiError } from "./api.js";
import { result_key, judge_options } from "./state.js";

const kQuietMs = 700;
const kRetryMs = 2000;

// Also ends soon where no frames are drawn, as in a hidden tab.
const next_frame = () => new Promise((resolve) => {
  requestAnimationFrame(() => setTimeout(resolve, 0));
  setTimeout(resolve, 100);
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class JudgeLoop {
  constructor(api, state, images) {
    Object.assign(this, { api, state, images, running: false, released: null, touched: 0, timer: 0 });
    this.background = null;  // ends a request for an image that is not on show
    state.on("judged_text references current images models", () => this.wake());
  }

  // A slider was let go: the time to the next up-to-date frame is measured.
  release() {
    this.released = performance.now();
    const { current } = this.state;
    if (current && current.result_key === result_key(this.state)) this.measure_frame();
  }

  // The person is busy with the page: what is under way for other images gives way.
  touch() {
    this.touched = performance.now();
    if (this.background) this.background.abort();
  }

  async wake() {
    if (this.running || !this.state.models) return;
    this.running = true;
    try {
      for (let job = this.next(); job; job = this.next()) await this.run(job);
    } finally {
      this.running = false;
      this.state.emit("busy");
    }
  }

  next() {
    const key = result_key(this.state);
    const { current, images } = this.state;
    const open = (entry) => entry.failed_key !== key && !entry.refused;
    if (current && open(current) && (current.result_key !== key || !current.map)) {
      return { entry: current, key, whole: true };
    }
    const stale = images.find((entry) => open(entry) && entry.score_key !== key);
    if (!stale) return null;
    const wait = this.touched + kQuietMs - performance.now();
    if (wait <= 0) return { entry: stale, key, whole: false };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wake(), wait + 1);
    return null;
  }

  async run({ entry, key, whole }) {
    const { state, images, api } = this;
    entry.working = true;
    state.emit("busy");
    const options = judge_options(state, entry);
    const began = performance.now();
    try {
      if (whole) {
        const { result, map } = await images.with_id(entry, (id) => api.judge(id, options));
        Object.assign(entry, { result, map, result_key: key });
        this.keep_score(entry, result, key, began);
        // The overlay is what is waited for; tables and the like follow a frame later.
        state.emit("overlay");
        if (key === result_key(state)) this.measure_frame();
        await next_frame();
        state.set({ connection: "ok" });
        state.emit("result", "images");
      } else {
        this.background = new AbortController();
        const { signal } = this.background;
        const result = await images.with_id(entry, (id) => api.judge_score(id, options, signal));
        this.keep_score(entry, result, key, began);
        state.set({ connection: "ok" });
        state.emit("images");
        if (!entry.thumb) await images.decode(entry);
      }
    } catch (error) {
      if (error.name !== "AbortError") await this.failed(entry, key, error);
    } finally {
      entry.working = false;
      this.background = null;
    }
  }

  keep_score(entry, result, key, began) {
    Object.assign(entry, { score: result.image_score, score_key: key, no_content: result.no_content,
      error: "", failed_key: null, seconds: (performance.now() - began) / 1000 });
  }

  async failed(entry, key, error) {
    const { state } = this;
    if (error instanceof ApiError && error.passing) {
      state.set({ connection: error.status === 0 ? "gone" : "busy" });
      await pause(error.status === 0 ? kRetryMs : Math.min(10000, 1000 * (error.retry_after || 1)));
      return;
    }
    if (error instanceof ApiError && error.status === 404 && state.references) {
      // The image was sent again in vain, so it is the references that the server no longer has.
      state.set({ references: null, references_lost: true });
      return;
    }
    entry.failed_key = key;
    if (error instanceof ApiError && error.of_prompt) state.set({ check_failed: error.message });
    else entry.error = error.message;
    state.set({ connection: "ok" });
    state.emit("result", "images");
  }

  // From the release of a slider to the frame that shows its result.
  measure_frame() {
    if (this.released === null) return;
    const start = this.released;
    this.released = null;
    requestAnimationFrame(() => {
      // The message is handled after the frame has been drawn.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        performance.measure("judge-to-overlay", { start, end: performance.now() });
        channel.port1.close();
      };
      channel.port2.postMessage(0);
    });
  }
}
