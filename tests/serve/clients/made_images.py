"""Images that tests and measurements need besides the examples, and readers of the files that the program writes."""
import random
import struct
import zlib


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_png(path, width, height, rows):
    """A grey image of 8 bits; rows: bytes for each line."""
    lines = b"".join(b"\0" + row for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) +
                     png_chunk(b"IDAT", zlib.compress(lines, 1)) + png_chunk(b"IEND", b""))


def write_texture(path, width=1024, height=1024, seed=1):
    """Woven texture with three stains of different sizes: one megapixel by default."""
    noise = random.Random(seed)
    stains = [(300, 260, 50), (700, 640, 28), (420, 800, 14)]
    rows = []
    for y in range(height):
        row = bytearray(120 + 12 * ((x // 4 + y // 4) % 2) + grain % 16
                        for x, grain in enumerate(noise.randbytes(width)))
        for left, top, radius in stains:
            half = int(max(0, radius ** 2 - (y - top) ** 2) ** 0.5)
            row[left - half:left + half] = bytes(30 for _ in range(2 * half))
        rows.append(bytes(row))
    write_png(path, width, height, rows)
