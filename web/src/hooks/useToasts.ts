import type { Json, RoomcastClient } from "@roomcast/client";
import { useRef, useState } from "react";

import { useClientEvent } from "./useClient";

/** Something to look at for a moment. */
export interface Toast {
  readonly key: number;
  readonly kind: "notification" | "error";
  /** Who sent it; empty for a service. */
  readonly from: string;
  readonly text: string;
}

/** At most this many are shown at a time; the oldest go first. */
const MAX_TOASTS = 4;

/** A notification's text, whatever it is made of. */
function textOf(notification: Json): string {
  if (typeof notification === "string") return notification;
  if (typeof notification === "object" && notification !== null && "text" in notification) return String(notification.text);
  return JSON.stringify(notification);
}

/** The notifications and errors that came in and were not dismissed. */
export function useToasts(client: RoomcastClient | undefined) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const keys = useRef(0);

  const show = (toast: Omit<Toast, "key">) => {
    const key = keys.current++;
    setToasts((before) => [...before, { ...toast, key }].slice(-MAX_TOASTS));
  };
  useClientEvent(client, "notification", ({ id, from = "", notification }) => {
    show({ kind: "notification", from, text: textOf(notification) });
    // What was shown need not wait for the next visit. Should this fail, it is shown again then.
    client?.acknowledge(id).catch(() => undefined);
  });
  useClientEvent(client, "error", (error) => {
    // The header shows whether there is a connection.
    if (error.code !== "connect_failed" && error.code !== "connection_lost") show({ kind: "error", from: "", text: error.message });
  });

  const dismiss = (key: number) => setToasts((before) => before.filter((toast) => toast.key !== key));
  return { toasts, dismiss };
}
