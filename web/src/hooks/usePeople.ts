import type { Room, RoomcastClient } from "@roomcast/client";
import { useEffect, useRef, useState } from "react";

import { asker } from "../presence";
import { useClientEvent, useRoomEvent } from "./useClient";

/** The server does not report who comes and goes, so the page asks this often. */
const POLL_MS = 4000;

/** Who is in a room. */
export interface People {
  readonly count: number;
  readonly users: readonly string[];
}

const NOBODY: People = { count: 0, users: [] };

/** Who is in the room: asked every few seconds while the page is visible. */
export function usePeople(client: RoomcastClient | undefined, room: Room | undefined): People {
  const [people, setPeople] = useState(NOBODY);
  const ask = useRef(() => {});

  useEffect(() => {
    setPeople(NOBODY);
    if (client === undefined || room === undefined) return;
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
  useRoomEvent(room, "joined", () => ask.current());
  useClientEvent(client, "state", () => ask.current());
  useRoomEvent(room, "message", ({ userId }) => meet(userId));
  useRoomEvent(room, "cursor", ({ userId }) => meet(userId));
  return people;
}
