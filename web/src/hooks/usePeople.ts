import type { RoomcastClient } from "@roomcast/client";
import { useEffect, useRef, useState } from "react";

import { asker } from "../presence";
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
  const ask = useRef(() => {});

  useEffect(() => {
    setPeople(NOBODY);
    if (client === undefined) return;
    const questions = asker(client, room, ({ count, users }) => setPeople({ count, users }));
    ask.current = questions.ask;
    const timer = setInterval(questions.ask, POLL_MS);
    return () => {
      clearInterval(timer);
      questions.stop();
    };
  }, [client, room]);

  const meet = (user: string) => {
    if (!people.users.includes(user)) ask.current();
  };
  useClientEvent(client, "joined", () => ask.current());
  useClientEvent(client, "state", () => ask.current());
  useClientEvent(client, "message", (frame) => meet(frame.userId));
  useClientEvent(client, "cursor", (frame) => meet(frame.userId));
  return people;
}
