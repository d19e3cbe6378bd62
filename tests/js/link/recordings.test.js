import assert from "node:assert/strict";
import test from "node:test";
import { NoRecording, recordedSound, recordingLink } from "../../../agent_desk/static/js/link/recordings.js";

const answer = (ok, body) => async (url, options) => ({
  ok, url, options, json: async () => body,
});

test("a link is asked for with the page's token", async () => {
  let asked = null;
  const fetch = async (url, options) => {
    asked = { url, options };
    return { ok: true, json: async () => ({ url: "/api/v1/recordings/play/x" }) };
  };
  const told = await recordingLink("a/b", { csrf: "t", fetch });
  assert.equal(told.url, "/api/v1/recordings/play/x");
  assert.equal(asked.url, "/api/v1/recordings/a%2Fb/url");
  assert.equal(asked.options.method, "POST");
  assert.equal(asked.options.headers["X-CSRFToken"], "t");
});

test("a refusal keeps the server's reason", async () => {
  const problem = { error_id: "recording-gone", details: { reason: "deleted" }, detail: "gone" };
  await assert.rejects(
    recordingLink("c1", { csrf: "t", fetch: answer(false, problem) }),
    (refused) => refused instanceof NoRecording && refused.error.id === "recording-gone",
  );
});

test("an answer that is no problem+json is still a refusal", async () => {
  const fetch = async () => ({ ok: false, json: async () => { throw new SyntaxError("html"); } });
  await assert.rejects(
    recordingLink("c1", { csrf: "t", fetch }),
    (refused) => refused.error.id === "unexpected",
  );
});

test("the sound of a recording is opened with its two parties", async () => {
  const [heard, said] = [Float32Array.of(0.1), Float32Array.of(0.2)];
  const opened = [];
  const decoder = () => ({
    decodeAudioData: async (octets) => {
      opened.push(octets);
      return { numberOfChannels: 2, getChannelData: (n) => [heard, said][n] };
    },
  });
  const fetch = async (url, options) => {
    assert.equal(url, "/play/x");
    assert.equal(options.credentials, "same-origin");
    return { ok: true, arrayBuffer: async () => "octets" };
  };
  assert.deepEqual(await recordedSound("/play/x", { fetch, decoder }), [heard, said]);
  assert.deepEqual(opened, ["octets"]);
});

test("a link that has ended gives no sound", async () => {
  const decoder = () => assert.fail("there is nothing to open");
  await assert.rejects(
    recordedSound("/play/x", { fetch: answer(false, {}), decoder }),
    (refused) => refused.error.id === "recording-gone",
  );
});
