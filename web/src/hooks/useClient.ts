import { RoomcastClient, type ConnectionState, type RoomcastEvents } from "@roomcast/client";
import { useCallback, useEffect, useEffectEvent, useState, useSyncExternalStore } from "react";

import { fetchToken, findServer } from "../config";

/** How long to wait before the server is looked for again, in milliseconds. */
const RETRY = 1000;
/** How long the server may take to answer, in milliseconds: the page asks who is there every few seconds, and so notices a dead network soon. */
const REQUEST_TIMEOUT = 5000;

/** A connection for the user, and why there is none, as far as that is known. */
export function useClient(user: string): { client: RoomcastClient | undefined; problem: string | undefined } {
  const [client, setClient] = useState<RoomcastClient>();
  const [problem, setProblem] = useState<string>();
  const [refused, setRefused] = useState<string>();

  useEffect(() => {
    let made: RoomcastClient | undefined;
    let timer: ReturnType<typeof setTimeout>;
    let over = false;

    /** Passes on what the server says, and shows why it says nothing. */
    const told = async <T>(said: Promise<T>): Promise<T> => {
      try {
        const value = await said;
        if (!over) setProblem(undefined);
        return value;
      } catch (error) {
        if (!over) setProblem((error as Error).message);
        throw error;
      }
    };
    // Called for every attempt: the server may be back on another port.
    const url = async () => (await told(findServer())).webSocketUrl;

    const open = async () => {
      try {
        const { auth } = await told(findServer());
        if (over) return;
        const who = auth === "token" ? { token: () => told(fetchToken(user)) } : { userId: user };
        made = new RoomcastClient({ url, requestTimeout: REQUEST_TIMEOUT, ...who });
        made.on("problem", ({ reason, hint }) => setRefused(`Cannot connect: ${reason}. Next: ${hint}.`));
        made.on("state", (state) => state === "open" && setRefused(undefined));
        setClient(made);
      } catch (error) {
        // A name that no server takes is refused by the client itself.
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

/** Calls the listener on every such event of the client. */
export function useClientEvent<Name extends keyof RoomcastEvents>(
  client: RoomcastClient | undefined,
  name: Name,
  listener: (event: RoomcastEvents[Name]) => void,
): void {
  const latest = useEffectEvent(listener);
  useEffect(() => client?.on(name, (event) => latest(event)), [client, name]);
}

/** Keeps the client in the room. */
export function useRoom(client: RoomcastClient | undefined, room: string): void {
  useEffect(() => {
    if (client === undefined) return;
    // A failure shows in the connection's state or comes as an error event.
    client.join(room).catch(() => undefined);
    return () => void client.leave(room).catch(() => undefined);
  }, [client, room]);
}
