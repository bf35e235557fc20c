// Where a slider can stop: round values, closer together where they are small, so that one slider serves
// both 0.2 % and 60 %, and one press of an arrow key is always a sensible step.

const kMantissas = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9];

const tidy = (value) => Number(value.toPrecision(6));

export function geometric(least, most, whole) {
  const stops = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    for (const mantissa of kMantissas) {
      const value = tidy(mantissa * Math.pow(10, power));
      const fits = value >= least && value <= most && (!whole || Number.isInteger(value));
      if (fits) stops.push(value);
    }
  }
  return stops;
}

export function linear(least, most, step) {
  const count = Math.round((most - least) / step);
  return Array.from({ length: count + 1 }, (unused, i) => tidy(least + i * step));
}

const kPercent = geometric(0.1, 100, false);
const kShare = linear(0.01, 1, 0.01);

// sides: the longer side of the image, in pixels.
function for_quantity(number, sides) {
  const unit = number.unit || "";
  switch (number.quantity) {
    case "area":
      if (unit.startsWith("%")) return kPercent;
      return unit.startsWith("mm") ? geometric(0.01, 1000, false) : geometric(1, sides * sides, true);
    case "length": case "width": case "edge distance":
      return unit === "mm" ? geometric(0.05, 200, false) : geometric(1, Math.max(sides, 100), true);
    case "hue":
      return linear(0, 360, 5);
    case "aspect ratio":
      return linear(1, 20, 0.5);
    case "location":
      return unit === "px" ? linear(0, sides, 5) : linear(0, 100, 1);
    case "brightness": case "colour difference":
      return linear(number.value < 0 ? -100 : 0, 100, 1);
    default:  // elongation, circularity, confidence
      return unit === "%" ? linear(1, 100, 1) : kShare;
  }
}

// The stops for a number of the standard (an entry of the server's "numbers").
export function stops_for(number, sides) {
  let stops;
  switch (number.kind) {
    case "max_regions": case "kind_limit": case "object_count": stops = linear(1, 20, 1); break;
    case "limit": stops = linear(0.02, 2, 0.02); break;
    case "pixel_size": stops = geometric(0.001, 1, false); break;
    default:
      // "smaller than 0.05" is a share, although its rule is shown in percent.
      stops = number.share ? geometric(0.001, 1, false) : for_quantity(number, sides || 1000);
  }
  // A value beyond the usual range widens it.
  const last = stops[stops.length - 1];
  return number.value > last ? stops.concat(tidy(number.value)) : stops;
}

export function nearest_stop(stops, value) {
  let best = 0;
  for (let i = 1; i < stops.length; i++) {
    if (Math.abs(stops[i] - value) < Math.abs(stops[best] - value)) best = i;
  }
  return best;
}
