import { RoomcastClient, type ConnectionState, type RoomcastEvents } from "@roomcast/client";
import { useCallback, useEffect, useEffectEvent, useState, useSyncExternalStore } from "react";

import { webSocketUrl } from "../config";

/** A connection for the user, and why its URL cannot be had, if so. */
export function useClient(user: string): { client: RoomcastClient | undefined; problem: string | undefined } {
  const [client, setClient] = useState<RoomcastClient>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    const made = new RoomcastClient({
      userId: user,
      // Called for every attempt: the server may be back on another port.
      url: async () => {
        try {
          const url = await webSocketUrl();
          setProblem(undefined);
          return url;
        } catch (error) {
          setProblem((error as Error).message);
          throw error;
        }
      },
    });
    setClient(made);
    return () => made.close();
  }, [user]);

  return { client, problem };
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
