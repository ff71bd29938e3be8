import type { Presence, Room, RoomcastClient } from "@roomcast/client";

/** Questions are at least this far apart. */
const SPACING_MS = 1000;

/** Asks who is in a room, one question at a time. */
export interface Asker {
  /** Asks now, or once the last question is answered and a second old. */
  ask(): void;
  /** Stops asking; an answer that is under way is dropped. */
  stop(): void;
}

/** Makes an asker that passes every answer on. It does not ask while the page is hidden or not connected. */
export function asker(client: RoomcastClient, room: Room, answered: (answer: Presence) => void): Asker {
  let busy = false;
  let again = false;
  let stopped = false;

  const ask = async (): Promise<void> => {
    if (stopped || client.state !== "open" || document.hidden) return;
    again = busy;
    if (busy) return;
    busy = true;
    const spacing = new Promise((resolve) => setTimeout(resolve, SPACING_MS));
    // It is asked again soon: a failure is not worth a message.
    const answer = await room.presence().catch(() => undefined);
    if (answer !== undefined && !stopped) answered(answer);
    await spacing;
    busy = false;
    if (again) void ask();
  };

  return {
    ask: () => void ask(),
    stop: () => {
      stopped = true;
    },
  };
}
