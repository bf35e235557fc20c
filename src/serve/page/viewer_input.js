// Mouse, touch, pen and keys on the viewer.

const kWheelStep = 1.0016;  // zoom per unit of wheel movement
const kPanStep = 40;

export class ViewerInput {
  // on_point(id): the candidate under the pointer, or null; on_step(by): another image is asked for.
  constructor(viewer, on_point, on_step) {
    Object.assign(this, { viewer, on_point, on_step, pointers: new Map(), moved: 0 });
    const { stage } = viewer;
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      stage.addEventListener(name, (event) => this.up(event));
    }
    stage.addEventListener("pointerleave", () => this.leave());
    stage.addEventListener("dblclick", () => viewer.fit());
    stage.addEventListener("keydown", (event) => this.key(event));
    stage.addEventListener("blur", () => {
      viewer.keyed = false;
      viewer.draw_soon();
    });
  }

  place(event) {
    const box = this.viewer.stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  wheel(event) {
    if (!this.viewer.entry) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 24 : event.deltaMode === 2 ? 400 : 1;
    // Browsers report a pinch on a touchpad as a wheel with Ctrl, in small steps.
    const factor = Math.pow(kWheelStep, -event.deltaY * unit * (event.ctrlKey ? 6 : 1));
    const { x, y } = this.place(event);
    this.viewer.zoom(factor, x, y);
  }

  down(event) {
    if (event.button !== 0 || !this.viewer.entry || event.target.closest("button")) return;
    this.pointers.set(event.pointerId, this.place(event));
    this.viewer.stage.setPointerCapture(event.pointerId);
    this.moved = 0;
  }

  move(event) {
    const now = this.place(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      this.viewer.keyed = false;
      this.on_point(this.viewer.set_probe(this.viewer.pixel_at(now.x, now.y)));
      return;
    }
    if (this.pointers.size === 2) this.pinch(event.pointerId, before, now);
    // At the fitted size one finger scrolls the page.
    else if (event.pointerType !== "touch" || !this.viewer.fitted) {
      this.viewer.pan(now.x - before.x, now.y - before.y);
    }
    this.moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    this.pointers.set(event.pointerId, now);
  }

  pinch(id, before, now) {
    let other = null;
    for (const [key, place] of this.pointers) if (key !== id) other = place;
    const distance = (point) => Math.hypot(point.x - other.x, point.y - other.y);
    const middle = (point) => ({ x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 });
    const from = middle(before), to = middle(now);
    this.viewer.pan(to.x - from.x, to.y - from.y);
    if (distance(before) > 1) this.viewer.zoom(distance(now) / distance(before), to.x, to.y);
  }

  up(event) {
    const place = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    // A tap shows the value and the region there, for devices without a hovering pointer.
    if (place && this.moved < 4 && event.pointerType !== "mouse") {
      this.on_point(this.viewer.set_probe(this.viewer.pixel_at(place.x, place.y)));
    }
  }

  leave() {
    if (this.pointers.size) return;
    this.on_point(this.viewer.set_probe(null));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { viewer } = this;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (step && event.shiftKey) this.on_point(viewer.step_probe(step[0], step[1]));
    else if (step) viewer.pan(-step[0] * kPanStep, -step[1] * kPanStep);
    else if (event.key === "+" || event.key === "=") viewer.zoom(1.25);
    else if (event.key === "-") viewer.zoom(0.8);
    else if (event.key === "0") viewer.fit();
    else if (event.key === "1") viewer.zoom_to(1);
    else if (event.key === "PageDown") this.on_step(1);
    else if (event.key === "PageUp") this.on_step(-1);
    else return;
    event.preventDefault();
  }
}
