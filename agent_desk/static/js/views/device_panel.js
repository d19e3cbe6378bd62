/** The device check and the choice of microphone and loudspeaker. */
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

const SHOWN_FROM_DBFS = -60;
// Speech at its nominal level is -26 dBov (ITU-T P.56); a second's mean above -9 is distorted.
const ZONES = [[-9, "loud"], [-40, "good"], [-60, "quiet"]];

/** In a word how loud a second was. */
export function zoneOf(dbfs) {
  if (dbfs === null) return "silent";
  return ZONES.find(([from]) => dbfs > from)?.[1] ?? "silent";
}

export function devicePanel({ root, server, local, redraw, t, act }) {
  const at = (name) => part(root, name);
  at("microphone").addEventListener("change", (event) => act.chooseMicrophone(event.target.value));
  at("speaker").addEventListener("change", (event) => act.chooseSpeaker(event.target.value));
  at("check-heard").addEventListener("click", () => act.vouchForDevices());
  for (const name of ["check-tone", "test-tone"]) {
    at(name).addEventListener("click", () => act.playTone());
  }
  at("test-echo").addEventListener("click", (event) => {
    const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
    act.echo(on);
  });

  function options(select, kind, chosen) {
    const devices = local.state.devices.filter((device) => device.kind === kind);
    reconcile(select, devices, {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("option", { value: id }),
      update: (option, { label }) => setText(option, label || t("device.unnamed")),
    });
    select.disabled = devices.length === 0;
    if (chosen && select.value !== chosen && document.activeElement !== select) {
      select.value = chosen;
    }
  }

  /** A bar and, for who cannot see it, a word: silent, quiet, good, loud. */
  function meter(name, dbfs) {
    const shown = dbfs === null ? 0
      : Math.max(0, Math.min(1, (dbfs - SHOWN_FROM_DBFS) / -SHOWN_FROM_DBFS));
    at(name).firstElementChild.style.setProperty("--level", shown.toFixed(2));
    const zone = zoneOf(dbfs);
    setAttributes(at(name), {
      "data-zone": zone, "aria-valuenow": Math.round(shown * 100),
      "aria-valuetext": t(`device.level.${zone}`),
    });
  }

  redraw.draw(() => {
    const { check, mic, chosenMic, chosenSpeaker, echo, speakerChoosable } = local.state;
    options(at("microphone"), "audioinput", chosenMic);
    options(at("speaker"), "audiooutput", chosenSpeaker);
    at("speaker").hidden = !speakerChoosable;
    at("speaker-label").hidden = !speakerChoosable;
    const seat = server.state?.seat;
    const ask = Boolean(seat && !seat.checked && mic === "live" && check === "quiet");
    at("check").hidden = !ask;
    setText(at("check-text"), ask ? t("device.quiet") : "");
    const idle = seat && !["reserved", "talking", "hold"].includes(seat.state);
    at("test-tone").disabled = !idle;
    at("test-echo").disabled = !idle;
    setAttributes(at("test-echo"), { "aria-pressed": String(echo) });
    meter("level", local.state.levelDbfs);
    meter("voice-level", local.state.voiceDbfs);
  });
}
