# SPDX-License-Identifier: MIT
# contrib/sample/usage.txt in, one transcript a session out, each line in the form of Claude Code's own.
# Plain awk: a bare Debian has mawk only. With list=folders it prints the folders the transcripts go to.

# Epoch seconds as 2026-11-21T21:06:54.065Z (days to a date as in Hinnant's civil_from_days).
function iso(t, thousandths,    z, era, doe, yoe, doy, mp, d, m, y, s) {
  z = int(t / 86400) + 719468
  era = int(z / 146097)
  doe = z - era * 146097
  yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
  doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
  mp = int((5 * doy + 2) / 153)
  d = doy - int((153 * mp + 2) / 5) + 1
  m = mp < 10 ? mp + 3 : mp - 9
  y = yoe + era * 400 + (m <= 2)
  s = t % 86400
  return sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", y, m, d, int(s / 3600), int(s % 3600 / 60), s % 60, thousandths)
}

# An id that no other line has: the session's or a number in the form of a UUID.
function uuid(n) { return sprintf("5a3b1e00-0000-4000-8000-%012d", n) }

# Writes the line to the file and keeps it for a session that is resumed from this one.
function put(file, line) {
  print line > file
  if (file == main_file) kept[session] = kept[session] line "\n"
}

function common(age, thousandths, sidechain, agent) {
  return sprintf("\"isSidechain\":%s,%s\"uuid\":\"%s\",\"timestamp\":\"%s\",\"sessionId\":\"%s\",\"version\":\"%s\",\"cwd\":\"%s\",\"gitBranch\":\"%s\",\"userType\":\"external\",\"entrypoint\":\"cli\"",
                 sidechain ? "true" : "false", agent == "" ? "" : "\"agentId\":\"" agent "\",", uuid(++lines),
                 iso(now - age * 60, thousandths), session, version, cwd, branch)
}

# The content of line i of n: thinking first, a tool at the end, text between.
function block(n, i, number) {
  if (i == 1 && n > 1) return "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"sample\"}"
  if (i == n && n > 1)
    return sprintf("{\"type\":\"tool_use\",\"id\":\"toolu_01Sample%06d\",\"name\":\"Read\",\"input\":{\"file_path\":\"%s/notes.md\"}}", number, cwd)
  return "{\"type\":\"text\",\"text\":\"An answer of the bundled sample.\"}"
}

# Fields f... are AGE NUMBER MODEL INPUT WRITE5M WRITE1H READ OUTPUT LINES.
function answer(file, f, agent,    age, number, i, n, out) {
  age = $f; number = $(f + 1); n = $(f + 8)
  for (i = 1; i <= n; i++) {
    # Clients before 2.1.97 wrote a placeholder until the last line.
    out = (old_client && i < n) ? 3 : $(f + 7)
    put(file, sprintf("{\"parentUuid\":%s,\"message\":{\"id\":\"msg_01Sample%06d\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\",\"content\":[%s],\"stop_reason\":%s,\"stop_sequence\":null,\"usage\":{\"input_tokens\":%d,\"cache_creation_input_tokens\":%d,\"cache_read_input_tokens\":%d,\"output_tokens\":%d,\"server_tool_use\":{\"web_search_requests\":0,\"web_fetch_requests\":0},\"service_tier\":\"standard\",\"cache_creation\":{\"ephemeral_1h_input_tokens\":%d,\"ephemeral_5m_input_tokens\":%d},\"speed\":\"standard\"}},\"requestId\":\"req_011Sample%06d\",\"type\":\"assistant\",%s}",
        lines ? "\"" uuid(lines) "\"" : "null", number, $(f + 2), block(n, i, number),
        i == n ? (n > 1 ? "\"tool_use\"" : "\"end_turn\"") : "null", $(f + 3), $(f + 4) + $(f + 5), $(f + 6), out,
        $(f + 5), $(f + 4), number, common(age, 100 * i, agent != "", agent)))
  }
}

/^#/ || NF == 0 { next }

$1 == "session" {
  session = $2; cwd = $3; branch = $4; version = $5
  old_client = version == "2.1.90"
  project = cwd
  gsub(/[^A-Za-z0-9]/, "-", project)
  main_file = root "/" project "/" session ".jsonl"
  if (list == "folders") print project
  next
}
list == "folders" {
  if ($1 == "agent") print project "/" session "/subagents"
  next
}
$1 == "copy" { printf "%s", kept[$2] > main_file; kept[session] = kept[$2] }
$1 == "prompt" {
  age = $2
  text = $0
  sub(/^prompt [0-9]+ /, "", text)
  put(main_file, sprintf("{\"parentUuid\":null,\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"%s\"},%s}", text, common(age, 0, 0, "")))
}
$1 == "answer" { answer(main_file, 2, "") }
$1 == "agent" { answer(root "/" project "/" session "/subagents/agent-" $2 ".jsonl", 3, $2) }
$1 == "closed" {
  put(main_file, sprintf("{\"type\":\"cost-state\",\"sessionId\":\"%s\",\"totalCostUSD\":%s,\"hasUnknownModelCost\":false}", session, $2))
}
