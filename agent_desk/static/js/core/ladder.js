/**
 * A call's SIP messages as a ladder: the gateway on the left, each address it spoke with a rail.
 *
 * Text is what the gateway told, the first line first. Times are milliseconds since the first
 * message, because what matters in a ladder is what waited for what.
 */

/** `INVITE`, `180 Ringing`, `200 OK (INVITE)`: what stands over an arrow. */
export function titleOf(text) {
  const [first, ...headers] = text.split("\n");
  if (!first.startsWith("SIP/2.0 ")) return first.split(" ")[0];
  const status = first.slice("SIP/2.0 ".length);
  const method = /^CSeq: \d+ (\S+)/m.exec(headers.join("\n"))?.[1];
  const final = Number(status.slice(0, 3)) >= 200;
  return final && method ? `${status} (${method})` : status;
}

/** `good`, `bad` or `plain`: answers above 399 say why a call failed; a 401 or 407 is routine. */
export function toneOf(text) {
  const code = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0);
  if (code >= 400 && code !== 401 && code !== 407) return "bad";
  return code >= 200 && code < 300 ? "good" : "plain";
}

/**
 * @param {{at: string, sent: boolean, peer: string, text: string}[]} messages in order
 * @returns {{rails: string[], steps: {afterMs: number, sent: boolean, rail: number, title: string,
 *   tone: string, audio: boolean, text: string}[]}} `rail` counts from 1; 0 is the gateway's
 */
export function ladderOf(messages) {
  const rails = [...new Set(messages.map(({ peer }) => peer))];
  const start = messages.length ? Date.parse(messages[0].at) : 0;
  const steps = messages.map(({ at, sent, peer, text }) => ({
    afterMs: Date.parse(at) - start,
    sent,
    rail: rails.indexOf(peer) + 1,
    title: titleOf(text),
    tone: toneOf(text),
    audio: /^SDP: /m.test(text),
    text,
  }));
  return { rails, steps };
}

/** `+0 ms`, `+320 ms`, `+4.22 s`, `+12.4 s`. */
export function elapsed(afterMs) {
  if (afterMs < 1000) return `+${Math.round(afterMs)} ms`;
  return `+${(afterMs / 1000).toFixed(afterMs < 10_000 ? 2 : 1)} s`;
}
