/** `/desk`: builds the parts once and connects them. */
import { reducerWith, replaceKeys } from "./core/reducer.js";
import { Redraw } from "./core/redraw.js";
import { ServerClock } from "./core/server_clock.js";
import { LocalStore, ServerStore } from "./core/store.js";
import { deskActions } from "./desk_actions.js";
import { callActions } from "./desk_calls.js";
import { deskLink } from "./desk_link.js";
import { DeskPhone, phoneActions } from "./desk_phone.js";
import { recordedSound, recordingLink } from "./link/recordings.js";
import { pageData } from "./page_data.js";
import { announceCalls, announcer } from "./views/announcer.js";
import { banners } from "./views/banners.js";
import { callPanel } from "./views/call_panel.js";
import { callerRecord } from "./views/caller_record.js";
import { counterpart } from "./views/counterpart.js";
import { customerVoice } from "./views/customer_voice.js";
import { devicePanel } from "./views/device_panel.js";
import { part } from "./views/dom.js";
import { helpPanel } from "./views/help_panel.js";
import { identityGate } from "./views/identity_gate.js";
import { keypad } from "./views/keypad.js";
import { keys } from "./views/keys.js";
import { liveBar } from "./views/live_bar.js";
import { machineMessage } from "./views/machine_message.js";
import { monitored } from "./views/monitored.js";
import { noteBox } from "./views/note_box.js";
import { notices } from "./views/notices.js";
import { objections } from "./views/objections.js";
import { overTalk } from "./views/over_talk.js";
import { ordered } from "./views/ordered.js";
import { ownMetrics } from "./views/own_metrics.js";
import { callbackForm } from "./views/callback_form.js";
import { otherCalls } from "./views/other_calls.js";
import { partyPanel } from "./views/party_panel.js";
import { practiceMode } from "./views/practice_mode.js";
import { promiseForm } from "./views/promise_form.js";
import { recordFields } from "./views/record_fields.js";
import { recordPlayer } from "./views/record_player.js";
import { recordingPause } from "./views/recording_pause.js";
import { scriptPanel } from "./views/script_panel.js";
import { seatPanel } from "./views/seat_panel.js";
import { statusButtons } from "./views/status_buttons.js";
import { surveyButton } from "./views/survey_button.js";
import { takenOver } from "./views/taken_over.js";
import { themeSwitch } from "./views/theme_switch.js";
import { wrapUp } from "./views/wrap_up.js";

const { t, f, csrf, me, iceServers } = pageData();
const root = document;
const server = new ServerStore(reducerWith(replaceKeys));
const local = new LocalStore({
  link: "connecting", takenOver: false, over: false, pending: [],
  mic: "asking", media: "connecting", mediaProblem: null, samples: [], levelDbfs: null,
  voiceDbfs: null, track: null, devices: [], chosenMic: "", chosenSpeaker: "",
  speakerBlocked: false, speakerChoosable: false, check: "waiting", echo: false,
  wantsAvailable: false, hint: null,
});
const clock = new ServerClock(() => performance.now());
const redraw = new Redraw([server, local]);
const notice = notices(part(root, "toasts"), { t });
const announce = announcer(root);

const link = deskLink({ csrf, owner: me.username, server, local, clock, notice, t });
const act = deskActions({ commands: link.commands, server, local, notice, t });
const phone = new DeskPhone({
  commands: link.commands, server, local, iceServers, audio: part(root, "audio"),
  refuse: (error) => notice.problem(act.explain(error)),
});
callActions(act, { server });
phoneActions(act, phone, { commands: link.commands, server, notice });
link.attachPhone(phone);
phone.open();
act.takeBack = () => link.takeBack();

const view = {
  root, server, local, clock, redraw, t, f, act, announce,
  storage: sessionStorage, owner: me.username,
};
seatPanel(view);
ownMetrics(view);
devicePanel(view);
callPanel(view);
partyPanel(view);
keypad(view);
machineMessage(view);
surveyButton(view);
monitored(view);
overTalk(view);
ordered(view);
scriptPanel(view);
helpPanel(view);
practiceMode(view);
recordingPause(view);
statusButtons(view);
promiseForm(view);
callbackForm(view);
noteBox(view);
customerVoice(view);
wrapUp(view);
counterpart(view);
identityGate(view);
objections(view);
callerRecord(view);
recordFields(view);
recordPlayer({
  ...view, link: (callId) => recordingLink(callId, { csrf }), sound: recordedSound,
});
otherCalls({ ...view, notice });
liveBar(view);
banners(view);
takenOver(view);
announceCalls(view);
keys({ ...view, storage: localStorage });
themeSwitch(root, { t, storage: localStorage });

addEventListener("beforeunload", (event) => {
  const onCall = ["reserved", "talking", "hold"].includes(server.state?.seat?.state);
  if (onCall && !local.state.takenOver && !local.state.over) event.preventDefault();
});
addEventListener("pagehide", () => phone.peer.close());
link.open();
