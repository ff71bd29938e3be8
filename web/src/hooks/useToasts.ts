import type { Json, RoomcastClient } from "@roomcast/client";
import { useRef, useState } from "react";

import { useClientEvent } from "./useClient";

/** A notification or an error that is shown for a moment. */
export interface Toast {
  readonly key: number;
  readonly kind: "notification" | "error";
  /** The user who sent it; empty for an error. */
  readonly from: string;
  readonly text: string;
}

/** At most this many are shown at a time; the oldest go first. */
const MAX_TOASTS = 4;

/** The text of a notification, whatever its data is. */
function textOf(data: Json): string {
  if (typeof data === "string") return data;
  if (typeof data === "object" && data !== null && "text" in data) return String(data.text);
  return JSON.stringify(data);
}

/** The notifications and errors that were not dismissed yet. */
export function useToasts(client: RoomcastClient | undefined) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const keys = useRef(0);

  const show = (toast: Omit<Toast, "key">) => {
    const key = keys.current++;
    setToasts((before) => [...before, { ...toast, key }].slice(-MAX_TOASTS));
  };
  useClientEvent(client, "notification", ({ id, userId, data }) => {
    show({ kind: "notification", from: userId, text: textOf(data) });
    // It was shown, so it need not wait for the next visit. If this fails it is shown again then.
    client?.acknowledge(id).catch(() => undefined);
  });
  useClientEvent(client, "error", (error) => {
    // The header shows whether there is a connection.
    if (error.code !== "connect_failed" && error.code !== "connection_lost") show({ kind: "error", from: "", text: error.message });
  });

  const dismiss = (key: number) => setToasts((before) => before.filter((toast) => toast.key !== key));
  return { toasts, dismiss };
}
