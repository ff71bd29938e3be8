import { RoomcastClient, type ConnectionState, type Room, type RoomcastEvents, type RoomEvents } from "@roomcast/client";
import { useCallback, useEffect, useEffectEvent, useMemo, useState, useSyncExternalStore } from "react";

import { fetchToken, findServer } from "../config";

/** How long to wait before looking for the server again, in milliseconds. */
const RETRY = 1000;
/** How long the server may take to answer, in milliseconds. The page asks who is present every few seconds, so it notices a dead network soon. */
const REQUEST_TIMEOUT = 5000;

/** Connects the user. `problem` says why there is no connection, as far as that is known. */
export function useClient(user: string): { client: RoomcastClient | undefined; problem: string | undefined } {
  const [client, setClient] = useState<RoomcastClient>();
  const [problem, setProblem] = useState<string>();
  const [refused, setRefused] = useState<string>();

  useEffect(() => {
    let made: RoomcastClient | undefined;
    let timer: ReturnType<typeof setTimeout>;
    let over = false;

    /** Passes an answer of the server on, and shows an error. */
    const shown = async <T>(answer: Promise<T>): Promise<T> => {
      try {
        const value = await answer;
        if (!over) setProblem(undefined);
        return value;
      } catch (error) {
        if (!over) setProblem((error as Error).message);
        throw error;
      }
    };
    // Called for every attempt: the server may be back on another port.
    const url = async () => (await shown(findServer())).webSocketUrl;

    const open = async () => {
      try {
        const { auth } = await shown(findServer());
        if (over) return;
        const who = auth === "token" ? { token: () => shown(fetchToken(user)) } : { userId: user };
        made = new RoomcastClient({ url, requestTimeout: REQUEST_TIMEOUT, ...who });
        made.on("problem", ({ reason, hint }) => setRefused(`Cannot connect: ${reason}. Next: ${hint}.`));
        made.on("state", (state) => state === "open" && setRefused(undefined));
        setClient(made);
      } catch (error) {
        // The client itself refuses a name that no server accepts.
        if (!over) setProblem((error as Error).message);
        if (!over) timer = setTimeout(() => void open(), RETRY);
      }
    };
    void open();
    return () => {
      over = true;
      clearTimeout(timer);
      made?.close();
      setClient(undefined);
      setRefused(undefined);
    };
  }, [user]);

  return { client, problem: problem ?? refused };
}

/** The state of the connection, as it changes. */
export function useConnection(client: RoomcastClient | undefined): ConnectionState {
  const subscribe = useCallback((changed: () => void) => client?.on("state", changed) ?? (() => {}), [client]);
  return useSyncExternalStore(subscribe, () => client?.state ?? "connecting");
}

/** The room of that name, or undefined while there is no client. The client stays in it until it is another one. */
export function useRoom(client: RoomcastClient | undefined, name: string): Room | undefined {
  const room = useMemo(() => client?.room(name), [client, name]);
  useEffect(() => {
    // A failure shows in the state of the connection, or arrives as an error event.
    room?.join().catch(() => undefined);
    return () => void room?.leave().catch(() => undefined);
  }, [room]);
  return room;
}

/** Calls the listener on every such event of the room. */
export function useRoomEvent<Name extends keyof RoomEvents>(room: Room | undefined, name: Name, listener: (event: RoomEvents[Name]) => void): void {
  const latest = useEffectEvent(listener);
  useEffect(() => room?.on(name, (event) => latest(event)), [room, name]);
}

/** Calls the listener on every such event of the client. */
export function useClientEvent<Name extends keyof RoomcastEvents>(
  client: RoomcastClient | undefined,
  name: Name,
  listener: (event: RoomcastEvents[Name]) => void,
): void {
  const latest = useEffectEvent(listener);
  useEffect(() => client?.on(name, (event) => latest(event)), [client, name]);
}
