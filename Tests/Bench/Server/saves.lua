-- Saves one answered page after another, each thread in sessions of its own (one connection per thread).
-- arguments: "earshot" CLIENTS TOKENS LETTERS TRIALS, "otree" CLIENTS CODES LETTERS ROUNDS, "pymushra" LETTERS, or
-- "webmushra" LETTERS
local kind
local tokens, letters, trials = {}, {}, 0
local session, step = 1, 0
local threads = {}
local ffi = require("ffi")
ffi.cdef("typedef struct { long s, ns; } moment; int clock_gettime(int, moment *);")
local moment = ffi.new("moment")

-- Seconds from an arbitrary start. wrk's own time begins only when its last thread is there, and the first ones save from
-- their own beginning.
local function now()
  ffi.C.clock_gettime(1, moment)
  return tonumber(moment.s) + tonumber(moment.ns) / 1e9
end

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

local function split(text)
  local parts = {}
  for part in string.gmatch(text, "[^,]+") do table.insert(parts, part) end
  return parts
end

function init(args)
  kind = args[1]
  saved, refused, sent, asked = 0, 0, 0, false
  first, last = math.huge, 0
  if kind == "earshot" or kind == "otree" then
    local all = {}
    for line in io.lines(args[3]) do table.insert(all, line) end
    local share = math.floor(#all / tonumber(args[2]))
    for i = 1, share do tokens[i] = all[number * share + i] end
    letters, trials = split(args[4]), tonumber(args[5])
  else
    letters = split(args[2])
  end
end

local function key()
  return string.format("%08x-%04x-4000-8000-%012x", number, 0, sent)
end

local json = { ["Content-Type"] = "application/json" }
local form = { ["Content-Type"] = "application/x-www-form-urlencoded" }

function request()
  -- wrk asks the first thread once for a request that it does not send.
  if number == 0 and not asked then
    asked = true
    return wrk.format("GET", "/")
  end
  sent = sent + 1
  if sent == 1 then first = now() end
  if kind == "pymushra" or kind == "webmushra" then
    local responses = {}
    for i, letter in ipairs(letters) do
      responses[i] = string.format('{"stimulus":"%s","score":%d,"time":1310}', letter, (sent * 7 + i) % 101)
    end
    local body = '{"testId":"bench","config":"bench.yaml","participant":{"name":["id"],"response":["' .. key() .. '"]},"survey":{},"trials":'
      .. '[{"testId":"bench","id":"trial","type":"mushra","responses":[' .. table.concat(responses, ",") .. ']}]}'
    local encoded = string.gsub(body, "[^%w%-%.]", function(c) return string.format("%%%02X", string.byte(c)) end)
    return wrk.format("POST", "/service/write.php", form, "sessionJSON=" .. encoded)
  end
  local token = tokens[session]
  if not token then
    wrk.thread:stop()
    return wrk.format("GET", "/api/study")
  end
  step = step + 1
  if kind == "otree" then
    local fields = {}
    for i in ipairs(letters) do fields[i] = string.format("rating_%d=%d", i, (sent * 7 + i) % 101) end
    local path = string.format("/p/%s/rating/Rate/%d", token, step)
    if step == trials then session, step = session + 1, 0 end
    return wrk.format("POST", path, form, table.concat(fields, "&"))
  end
  local body
  if step == 1 then
    body = '{"key":"' .. key() .. '","step":"volume"}'
  elseif step == 2 then
    body = '{"key":"' .. key() .. '","step":"instructions"}'
  else
    local ratings = {}
    for i, letter in ipairs(letters) do
      ratings[i] = string.format('{"position":"%s","rating":%d,"plays":2,"listened_ms":1310}', letter, (sent * 7 + i) % 101)
    end
    body = string.format('{"key":"%s","step":"trial","trial":%d,"response_ms":31800,"ratings":[%s]}', key(), step - 2,
      table.concat(ratings, ","))
  end
  if step == trials + 2 then session, step = session + 1, 0 end
  return wrk.format("POST", "/api/sessions/" .. token .. "/responses", json, body)
end

function response(status, headers, body)
  last = now()
  if status == 201 or (kind == "otree" and status == 302) or (kind == "webmushra" and status == 200)
    or (status == 200 and string.find(body, "Saved as")) then
    saved = saved + 1
  else
    refused = refused + 1
  end
end

function done(summary, latency, requests)
  local all, bad, from, to = 0, 0, math.huge, 0
  for _, thread in ipairs(threads) do
    all = all + thread:get("saved")
    bad = bad + thread:get("refused")
    from, to = math.min(from, thread:get("first")), math.max(to, thread:get("last"))
  end
  print(string.format("SAVED %d REFUSED %d SECONDS %.3f", all, bad, to - from))
end
