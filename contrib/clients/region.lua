#!/usr/bin/env luajit
-- SPDX-License-Identifier: MIT
-- What the collector knows, read out of its shared memory by libshmeter through LuaJIT's FFI: no process, no socket, no
-- waiting. For Neovim, awesome and whatever else has LuaJIT in it.
--
--   region.lua [--library FILE] [--header FILE] [--region FILE] [--watch]
--
-- prints state, today, accounts and sessions, one a line, fields separated by tabs, `-` for what nobody knows; with --watch
-- again whenever the picture changes. FFI is given the declarations of shmeter.h as they are.
local ffi = require 'ffi'

local words = { library = 'libshmeter.so.1' }
do
  local i = 1
  while arg[i] do
    local name = arg[i]:match '^%-%-(%l+)$'
    if name == 'watch' then
      words.watch = true
    elseif (name == 'library' or name == 'header' or name == 'region') and arg[i + 1] then
      i = i + 1
      words[name] = arg[i]
    else
      io.stderr:write 'usage: region.lua [--library FILE] [--header FILE] [--region FILE] [--watch]\n'
      os.exit(64)
    end
    i = i + 1
  end
end

local function fail(reason)
  io.stderr:write('region.lua: ', reason, '\n')
  os.exit(69)
end

local function read_header()
  local here = arg[0]:match '^(.*/)' or './'
  local home = os.getenv 'HOME' or ''
  local tried = words.header and { words.header } or {
    here .. '../../shm/include/shmeter/shmeter.h', home .. '/.local/include/shmeter/shmeter.h',
    '/usr/local/include/shmeter/shmeter.h', '/usr/include/shmeter/shmeter.h',
  }
  for _, path in ipairs(tried) do
    local file = io.open(path)
    if file then
      local text = file:read '*a'
      file:close()
      local declarations = text:match '/%* declarations %*/(.*)/%* end of declarations %*/'
      if not declarations then fail(path .. ': no declarations in it; it is not shmeter.h') end
      return (declarations:gsub('SHMETER_API', ''):gsub('SHMETER_CHECK_SIZE%b();', ''))
    end
  end
  fail('no ' .. tried[#tried] .. ': say where it is with --header')
end

ffi.cdef(read_header())
local loaded, C = pcall(ffi.load, words.library)
if not loaded then fail(C .. ': say where it is with --library') end

local unknown = ffi.new('int64_t', -2 ^ 63)
local states = { [0] = 'live', 'partial', 'stale', 'wedged', 'absent' }

local function check(result)
  if result ~= C.SHMETER_OK then fail(ffi.string(C.shmeter_error_text(result))) end
end

local function scaled(number, by, form)
  return number == unknown and '-' or form:format(tonumber(number) / by)
end

-- For a terminal: sessions are called by other people. A text that fills its array has no NUL.
local function text(field)
  local shown = ffi.string(field, ffi.sizeof(field)):match '^%Z*':gsub('%c', '?'):gsub('\194[\128-\159]', '?')
  return shown == '' and '-' or shown
end

local why = ffi.new 'int[1]'
local handle = C.shmeter_open(words.region, why)
check(why[0])
ffi.gc(handle, C.shmeter_close)

local summary, age = ffi.new 'shmeter_summary', ffi.new 'int64_t[1]'
local account, session = ffi.new 'shmeter_account', ffi.new 'shmeter_session'

local function state()
  return states[C.shmeter_state(handle, age)], age[0] == unknown and '-' or tostring(tonumber(age[0]))
end

local function lines()
  local shown = {}
  local function add(...) shown[#shown + 1] = table.concat({ ... }, '\t') end
  check(C.shmeter_snapshot(handle, summary, ffi.sizeof(summary)))
  add('state', state())
  add('today', scaled(summary.today.cost_nanousd, 1e9, '%.2f'))
  for i = 0, tonumber(summary.accounts) - 1 do
    check(C.shmeter_account_at(handle, i, account, ffi.sizeof(account)))
    add('account', text(account.name), scaled(account.five_hour.used_ppm, 1e4, '%.1f'),
      scaled(account.seven_day.used_ppm, 1e4, '%.1f'))
  end
  for i = 0, tonumber(summary.sessions) - 1 do
    check(C.shmeter_session_at(handle, i, session, ffi.sizeof(session)))
    add('session', text(session.session_id), text(session.model_name), scaled(session.cost_nanousd, 1e9, '%.2f'),
      scaled(session.context_used_ppm, 1e4, '%.1f'))
  end
  return table.concat(shown, '\n') .. '\n'
end

local last
while true do
  local now = lines()
  if now ~= last then
    io.write(now)
    io.flush()
  end
  if not words.watch then break end
  last = now
  C.shmeter_wait(handle, 5000)
end
