// Asks the server how it reads the standard, while it is typed. Only the newest text matters: one request
// is under way at a time, and an answer for an older text is dropped.

const kPauseMs = 120;

export class PromptCheck {
  constructor(api, state) {
    this.api = api;
    this.state = state;
    this.timer = 0;
    this.busy = false;
    this.wanted = false;
  }

  // After typing: wait for a pause.
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), kPauseMs);
  }

  async now() {
    clearTimeout(this.timer);
    this.wanted = true;
    if (this.busy) return;
    this.busy = true;
    while (this.wanted) {
      this.wanted = false;
      await this.ask(this.state.text);
    }
    this.busy = false;
  }

  async ask(text) {
    const { state } = this;
    try {
      const answer = await this.api.check(text);
      if (text !== state.text) return;
      const connection = state.connection === "gone" ? "ok" : state.connection;
      state.set({ check: { text, answer }, connection });
      if (answer.understood || !text.trim()) state.set({ judged_text: text });
    } catch (error) {
      if (text !== state.text) return;
      if (error.passing) {
        // The connection's own message tells of it; the text is asked about again when it is back.
        state.set({ connection: error.status === 0 ? "gone" : state.connection });
        setTimeout(() => this.now(), error.status === 0 ? 2000 : 1000 * (error.retry_after || 1));
      } else {
        state.set({ check_failed: error.message });
      }
    }
  }
}
