#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pages that show what terminals held, for contrib/pictures/make to have drawn: page.py FOLDER."""
import html
import re
import sys
from pathlib import Path

BASIC = ["#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
         "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff"]
GROUND, INK = "#161b22", "#c9d1d9"


def palette(index):
    if index < 16:
        return BASIC[index]
    if index >= 232:
        return "#" + f"{8 + 10 * (index - 232):02x}" * 3
    levels = [0, 95, 135, 175, 215, 255]
    index -= 16
    return "#" + "".join(f"{levels[index // 6 ** place % 6]:02x}" for place in (2, 1, 0))


def apply(style, codes):
    while codes:
        code = codes.pop(0)
        key = "back" if code in (48, 49) or 40 <= code <= 47 else "front"
        if code == 0:
            style.clear()
        elif code in (38, 48):
            if codes.pop(0) == 5:
                style[key] = palette(codes.pop(0))
            else:
                style[key] = "#" + "".join(f"{codes.pop(0):02x}" for _ in range(3))
        elif code in (39, 49):
            style.pop(key, None)
        elif 30 <= code <= 37 or 40 <= code <= 47:
            style[key] = BASIC[code % 10]
        elif 90 <= code <= 97:
            style[key] = BASIC[code - 82]
        elif code in (1, 2, 7):
            style[code] = True


def css(style):
    front, back = style.get("front", INK), style.get("back")
    if 7 in style:
        front, back = back or GROUND, front
    return (f"color:{front};" + (f"background:{back};" if back else "") +
            ("font-weight:bold;" if 1 in style else "") + ("opacity:.65;" if 2 in style else ""))


def terminal(text):
    text = re.sub(r"\x1b\]8;;.*?\x1b\\", "", text)
    style, out = {}, ""
    for part in re.split(r"(\x1b\[[0-9;:]*m|\x0e|\x0f|\x1b\(B)", text):
        if part.startswith("\x1b["):
            apply(style, [int(code or 0) for code in re.split("[;:]", part[2:-1])])
        elif part and part[0] not in "\x0e\x0f\x1b":
            out += f'<span style="{css(style)}">{html.escape(part)}</span>'
    return f"<pre>{out}</pre>"


def page(body):
    return f"""<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 16px; background: #0d1117; color: #8b949e; font: 12px "DejaVu Sans"; width: 868px }}
h2 {{ font-size: 12px; font-weight: normal; margin: 14px 0 4px }}
pre {{ margin: 0; padding: 7px 10px; background: {GROUND}; border: 1px solid #30363d; border-radius: 6px;
      font: 12.5px/1.35 "DejaVu Sans Mono"; overflow: hidden }}
img {{ display: block; border-radius: 6px; border: 1px solid #30363d }}
</style>{body}"""


def main():
    folder = Path(sys.argv[1])
    body = ""
    for host, label in [("claude", "Claude Code's status line: the default, --format rich, and a form of one's own"),
                        ("tmux", "tmux"), ("zsh", "zsh"), ("bash", "bash"), ("fish", "fish"),
                        ("starship", "starship: what its module prints"), ("waybar", "waybar"), ("polybar", "polybar")]:
        body += f"<h2>{label}</h2>"
        image = folder / f"{host}.png"
        body += f'<img src="{image.name}">' if image.exists() else terminal((folder / host).read_text().rstrip("\n"))
    (folder / "hosts.html").write_text(page(body))
    (folder / "top.html").write_text(page(terminal((folder / "top").read_text().rstrip("\n"))))


main()
