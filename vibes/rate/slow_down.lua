-- Vibes asked for less (429): halve what is in force, and be silent for as long as it said.
-- KEYS: what is known of the budget. ARGV: the pause, and the time (empty: this server's own).
-- The same as Pace.slower in pace.py. Times are microseconds.
local SECOND, DAY = 1000000, 86400
local HOLD, RECOVERY, LEAST = 10, 0.1, 1 / 16

local pause, now = tonumber(ARGV[1]), tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * SECOND + time[2]
end
local function whole(number) return string.format('%.0f', number) end
local function exact(number) return string.format('%.17g', number) end

local kept = redis.call('HMGET', KEYS[1], 'part', 'since', 'paused')
local part, since, paused = tonumber(kept[1] or 1), tonumber(kept[2] or 0), tonumber(kept[3] or 0)
if pause > 0 then paused = math.max(paused, now + pause) end
if now - since >= SECOND then
  local in_force = math.min(1, part + math.max(0, (now - since) / SECOND - HOLD) * RECOVERY)
  part, since = math.max(LEAST, in_force / 2), now
end
redis.call('HSET', KEYS[1],
  'part', exact(part), 'since', whole(since), 'paused', whole(paused))
redis.call('EXPIRE', KEYS[1], DAY)
