-- For wrk: posts the image whose file the environment names as IMAGE, and counts answers that are neither fine nor
-- "busy".
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  wrong = 0
  local file = assert(io.open(os.getenv("IMAGE"), "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  wrk.headers["Content-Type"] = "application/octet-stream"
  file:close()
end

function response(status)
  if status ~= 200 and status ~= 429 and status ~= 503 then
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local wrong_of_all = 0
  for _, thread in ipairs(threads) do
    wrong_of_all = wrong_of_all + thread:get("wrong")
  end
  local lost = summary.errors
  print(string.format("requests=%d refused=%d wrong=%d connect=%d read=%d write=%d timeout=%d p99_ms=%.1f",
    summary.requests, lost.status, wrong_of_all, lost.connect, lost.read, lost.write, lost.timeout,
    latency:percentile(99) / 1000))
end
