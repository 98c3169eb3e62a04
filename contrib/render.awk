# SPDX-License-Identifier: MIT
# Shows in a terminal what a host would draw: tmux, polybar and Pango markup become SGR colours, or nothing
# with -v colour=0. For people's eyes in contrib/quickstart; no host uses it.

# The SGR colour of #rrggbb, "" when it is not one.
function sgr(hex) {
  if (hex !~ /^#[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]$/) return ""
  return "38;2;" byte(hex, 2) ";" byte(hex, 4) ";" byte(hex, 6)
}
function byte(hex, at,    digits, i, n) {
  digits = "0123456789abcdef"
  n = 0
  for (i = 0; i < 2; i++) n = n * 16 + index(digits, tolower(substr(hex, at + i, 1))) - 1
  return n
}
# One tag's text as the escape that stands for it.
function escape(tag,    out, code) {
  if (!colour) return ""
  if (tag ~ /default|\/span|F-/) return "\033[0m"
  out = ""
  if (match(tag, /#[0-9a-fA-F]+/) && (code = sgr(substr(tag, RSTART, RLENGTH))) != "") out = "\033[" code "m"
  if (tag ~ /bold/) out = out "\033[1m"
  if (tag ~ /dim/) out = out "\033[2m"
  return out
}
function render(line, pattern,    out, at, length_) {
  out = ""
  while (match(line, pattern)) {
    at = RSTART
    length_ = RLENGTH # escape() matches too
    out = out substr(line, 1, at - 1) escape(substr(line, at, length_))
    line = substr(line, at + length_)
  }
  return out line
}
host == "tmux" { $0 = render($0, "#\\[[^]]*\\]"); gsub(/##/, "#") }
host == "polybar" { $0 = render($0, "%[{][^}]*[}]") }
host == "waybar" {
  if (match($0, /"text":"([^"\\]|\\.)*"/)) $0 = substr($0, RSTART + 8, RLENGTH - 9)
  gsub(/\\"/, "\"")
  $0 = render($0, "<[^>]*>")
  gsub(/&lt;/, "<"); gsub(/&gt;/, ">"); gsub(/&quot;/, "\""); gsub(/&apos;/, "'"); gsub(/&amp;/, "\\&")
}
{ print }
