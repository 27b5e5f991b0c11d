-- Grant calls out of one budget that all processes share: at once, counted over a sliding second, or
-- ahead, each at a moment of its own, evenly apart. One budget is used in one of these ways only.
-- KEYS: what is known of the budget, the grants of the last second, who shares it.
-- ARGV: the budget, the share of it that may be used, calls wanted, how far ahead (0: at once), the most
--   the caller thinks right, how many it would grant itself without us, its name, and the time (empty:
--   this server's own).
-- Answers: granted, the limit now, used in the last second, how many share the budget, of the last
--   slowing down: the part left, its age, the pause still to come; and the time until the first call
--   granted may leave. The others follow it at a second / limit. Times are microseconds.
local SECOND, MINUTE, DAY = 1000000, 60, 86400
local HOLD, RECOVERY = 10, 0.1 -- as in pace.py
-- Whoever lost this server counts alone for a second more before trying it again, and what is granted
-- then is in no window but its own for another one.
local SETTLE = 2 * SECOND

local budget, share, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ahead, most, alone, me = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local now = tonumber(ARGV[8])
if not now then
  local time = redis.call('TIME')
  now = time[1] * SECOND + time[2]
end
local function whole(number) return string.format('%.0f', number) end
local function exact(number) return string.format('%.17g', number) end

local kept = redis.call('HMGET', KEYS[1], 'asked', 'settled', 'part', 'since', 'paused', 'next')
local asked, settled = tonumber(kept[1] or 0), tonumber(kept[2] or 0)
local part, since, paused = tonumber(kept[3] or 1), tonumber(kept[4] or 0), tonumber(kept[5] or 0)
local next_at = tonumber(kept[6] or 0) -- when the next call booked may leave

-- This server's clock went back: what was granted cannot be told, so all of it counts as just now.
if asked > now + SECOND then
  redis.call('DEL', KEYS[1], KEYS[2])
  part, since, paused = 1, 0, now + SECOND
  asked, next_at = 0, 0
end
now = math.max(now, asked)

-- Nobody asked for a second, perhaps because nobody could.
if now - asked >= SECOND then settled = now + SETTLE end

local used = 0
for _, grant in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  local at, count = grant:match('(%d+):(%d+)')
  if tonumber(at) > now - SECOND then used = used + tonumber(count) end
end

local in_force = math.min(1, part + math.max(0, (now - since) / SECOND - HOLD) * RECOVERY)
local limit = math.min(most, math.max(1, math.floor(budget * share * in_force)))
if now < paused then limit = 0 end
if now < settled then wanted = math.min(wanted, alone) end
local granted, first_at = math.max(0, math.min(wanted, limit - used)), now
if ahead > 0 and limit > 0 then
  first_at = math.max(now, next_at)
  -- Those that leave before we look no farther, the first of them at once.
  local room = math.ceil((now + ahead - first_at) * limit / SECOND)
  granted = math.max(0, math.min(wanted, room))
  next_at = first_at + granted * SECOND / limit
end

if me ~= '' then
  redis.call('HSET', KEYS[1], 'asked', whole(now), 'settled', whole(settled),
    'part', exact(part), 'since', whole(since), 'paused', whole(paused), 'next', exact(next_at))
  redis.call('EXPIRE', KEYS[1], DAY)
  redis.call('ZADD', KEYS[3], whole(now), me)
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', whole(now - MINUTE * SECOND))
  redis.call('EXPIRE', KEYS[3], DAY)
end
if granted > 0 then
  redis.call('RPUSH', KEYS[2], whole(now) .. ':' .. whole(granted))
  redis.call('EXPIRE', KEYS[2], MINUTE)
end
while true do
  local oldest = redis.call('LINDEX', KEYS[2], 0)
  if not oldest or tonumber(oldest:match('%d+')) > now - SECOND then break end
  redis.call('LPOP', KEYS[2])
end

return {
  granted, limit, used + granted, redis.call('ZCARD', KEYS[3]),
  exact(part), whole(now - since), whole(math.max(0, paused - now)), whole(first_at - now),
}
