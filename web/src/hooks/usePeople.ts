import type { RoomcastClient } from "@roomcast/client";
import { useCallback, useEffect, useState } from "react";

import { useClientEvent } from "./useClient";

/** Nobody tells who comes and goes, so the page asks this often. */
const POLL_MS = 4000;

/** Who is in a room. */
export interface People {
  readonly count: number;
  readonly users: readonly string[];
}

const NOBODY: People = { count: 0, users: [] };

/** Who is in the room, asked for every few seconds while the page is visible. */
export function usePeople(client: RoomcastClient | undefined, room: string): People {
  const [people, setPeople] = useState(NOBODY);

  const ask = useCallback(async () => {
    if (client?.state !== "open" || document.hidden) return;
    // Asked again soon: an answer that fails is not worth a message.
    const answer = await client.presence(room).catch(() => undefined);
    if (answer !== undefined) setPeople({ count: answer.count, users: answer.users });
  }, [client, room]);

  useEffect(() => {
    setPeople(NOBODY);
    const timer = setInterval(() => void ask(), POLL_MS);
    return () => clearInterval(timer);
  }, [ask]);

  const meet = (user: string) => {
    if (!people.users.includes(user)) void ask();
  };
  useClientEvent(client, "joined", () => void ask());
  useClientEvent(client, "state", () => void ask());
  useClientEvent(client, "message", (frame) => meet(frame.userId));
  useClientEvent(client, "cursor", (frame) => meet(frame.userId));
  return people;
}
