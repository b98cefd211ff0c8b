/** Many small requests from many connections, by wrk, whose own cost is least. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './tools.ts';

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly requests: Requests;
}

/** What is sent: one after the other of a list, again and again; or one with a number in it that grows. */
type Requests = { readonly cycle: readonly string[] } | { readonly counted: (number: string) => string };

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Of answers. */
  readonly megabytesPerSecond: number;
  readonly bytesPerRequest: number;
  readonly p99Ms: number;
}

/** A request in the form for the wire. */
export function rawRequest(method: string, path: string, token: string, body?: string): string {
  const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n${length}\r\n${body ?? ''}`;
}

const SEPARATOR = '\x1f';
export const NUMBER_DIGITS = 12;

/** Lua for LuaJIT: `request` is called for every request, `done` once. */
const SCRIPT = `
local requests, before, after = {}, nil, nil
local position, number = 0, 0

function init(args)
  local file = io.open(args[1], 'rb')
  local text = file:read('*a')
  file:close()
  number = tonumber(args[2])
  for part in text:gmatch('[^${SEPARATOR}]+') do requests[#requests + 1] = part end
  if number >= 0 then before, after = requests[1], requests[2] end
end

function request()
  if before then
    number = number + 1
    return before .. string.format('%0${NUMBER_DIGITS}d', number) .. after
  end
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"us":%d,"bytes":%.0f,"p99us":%d,"failed":%d,"refused":%d}\\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(99),
    e.connect + e.read + e.write + e.timeout, e.status))
end
`;

export class Wrk {
  readonly #directory: string;
  #runs = 0;

  /** For its scripts. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Rejects where a request failed or was refused. `firstNumber` is where counted requests begin. */
  async run({ url, connections, seconds, requests }: Load, firstNumber = 0): Promise<LoadResult> {
    this.#runs++;
    const script = join(this.#directory, 'requests.lua');
    const data = join(this.#directory, `requests-${this.#runs}`);
    const counted = 'counted' in requests;
    const parts = counted ? requests.counted(SEPARATOR).split(SEPARATOR) : requests.cycle;
    await writeFile(script, SCRIPT);
    await writeFile(data, parts.join(SEPARATOR));
    const flags = ['-t', 1, '-c', connections, '-d', `${seconds}s`, '--timeout', '60s', '-s', script].map(String);
    const output = await runTool('wrk', [...flags, url, '--', data, String(counted ? firstNumber : -1)]);
    return readResult(output);
  }
}

function readResult(output: string): LoadResult {
  const line = /^\{.*\}$/m.exec(output)?.[0];
  if (line === undefined) throw new Error(`wrk said ${output}`);
  const result: Record<'requests' | 'us' | 'bytes' | 'p99us' | 'failed' | 'refused', number> = JSON.parse(line);
  const { requests, us, bytes, p99us, failed, refused } = result;
  if (failed > 0 || refused > 0 || requests === 0) throw new Error(`wrk's requests did not all go well: ${line}`);
  return {
    requests,
    perSecond: (requests * 1e6) / us,
    megabytesPerSecond: bytes / us,
    bytesPerRequest: bytes / requests,
    p99Ms: p99us / 1000,
  };
}
