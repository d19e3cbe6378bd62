/** What the desk does with a call besides talking: others in it, keys, what is said in it. */

/** Adds its verbs to `act`; those that can be refused answer whether they were done. */
export function callActions(act, { server }) {
  const done = async (event, payload) => (await act.ask(event, payload)) !== null;

  Object.assign(act, {
    sendDigits: (digits) => done("send_digits", { digits }),
    callNumber: (number, blind) => done("call_number", { number, blind }),
    callColleague: (colleague, blind) => done("call_colleague", { colleague, blind }),
    findColleagues: async () => (await act.ask("find_colleagues"))?.colleagues ?? [],
    tickStatement: (statement, on) =>
      act.ask("tick_statement", { call_id: server.state?.call?.id, statement, on }),
    saveField: (name, value) =>
      act.ask("save_field", { call_id: server.state?.call?.id, name, value }),
    findCallbacks: async () => (await act.ask("find_callbacks"))?.callbacks ?? [],
    checkDial: async (wish) => (await act.ask("check_dial", { wish }))?.found ?? null,
    dialByHand: (wish) => done("dial_by_hand", { wish }),
    findOwnCalls: async () => (await act.ask("find_own_calls"))?.calls ?? [],
    openResult: async (id) => (await act.ask("open_result", { call_id: id }))?.result ?? null,
    correctResult: (result) => done("correct_result", result),
    enterPractice: () => act.ask("enter_practice"),
    leavePractice: () => act.ask("leave_practice"),
    raiseHand: (reason) => act.ask("raise_hand", { reason }),
    lowerHand: () => act.ask("lower_hand"),
    acknowledge: (id) => act.ask("acknowledge_message", { message_id: id }),
    acknowledgeOldest() {
      const [oldest] = server.state?.help?.messages ?? [];
      if (oldest) act.acknowledge(oldest.id);
    },
    leaveMessage: () => act.ask("leave_message"),
    handToSurvey: () => act.ask("hand_to_survey"),
    saveVoice: (id, text) => act.ask("save_voice", { call_id: id, text }),
    handOver: () => act.ask("hand_over"),
    dropParty: () => act.ask("drop_party"),
    switchParty() {
      const consulting = server.state?.call?.party?.mode !== "conference";
      return act.ask("set_party_mode", { mode: consulting ? "conference" : "consult" });
    },
  });
}
