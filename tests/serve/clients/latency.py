#!/usr/bin/env python3
"""Measures in Chromium how soon the live page shows a new overlay once a slider has been let go, for one megapixel.

usage: latency.py [STEPS]    prints a line with milliseconds: least, median, 95th percentile, of STEPS (40) moves
"""
import pathlib
import sys
import tempfile
import time

from chromium import Chromium
from page import HOME, LEFT, RIGHT
from made_images import write_texture
from server import Server

MEASURE = "judge-to-overlay"
QUIET_SECONDS = 0.15  # asking whether the overlay is there would take time from the page


def measure(page, url, file, steps):
    """Milliseconds of each step of the slider of the largest area."""
    page.open(url)
    page.open_files(file)
    page.press_in("slider-area", HOME, *[RIGHT] * 4)
    page.wait_until_settled()
    page.evaluate(f"performance.clearMeasures('{MEASURE}')")
    for step in range(steps):
        page.press(RIGHT if step % 8 < 4 else LEFT)
        time.sleep(QUIET_SECONDS)
        page.wait_for(f"performance.getEntriesByName('{MEASURE}').length === {step + 1}")
        page.wait_until_settled()
    return page.evaluate(f"performance.getEntriesByName('{MEASURE}').map((entry) => entry.duration)")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def describe(durations):
    return (f"slider to overlay, 1 megapixel, {len(durations)} steps: least {min(durations):.1f} ms, "
            f"median {percentile(durations, 0.5):.1f} ms, p95 {percentile(durations, 0.95):.1f} ms")


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as folder, Server() as server, Chromium() as page:
        file = pathlib.Path(folder) / "texture.png"
        write_texture(file)
        print(describe(measure(page, server.url, file, steps)))


if __name__ == "__main__":
    main()
