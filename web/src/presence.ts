import type { PresenceFrame, RoomcastClient } from "@roomcast/client";

/** Questions are at least this far apart. */
const SPACING_MS = 1000;

/** Asks who is in a room, one question at a time. */
export interface Asker {
  /** Asks now, or as soon as the last question is answered and a second old. */
  ask(): void;
  /** Asks no more; an answer that is still to come is dropped. */
  stop(): void;
}

/** Makes an asker that passes every answer on. It asks nothing while the page is hidden or not connected. */
export function asker(client: RoomcastClient, room: string, answered: (answer: PresenceFrame) => void): Asker {
  let busy = false;
  let again = false;
  let stopped = false;

  const ask = async (): Promise<void> => {
    if (stopped || client.state !== "open" || document.hidden) return;
    again = busy;
    if (busy) return;
    busy = true;
    const spacing = new Promise((resolve) => setTimeout(resolve, SPACING_MS));
    // Asked again soon: a question that fails is not worth a message.
    const answer = await client.presence(room).catch(() => undefined);
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
