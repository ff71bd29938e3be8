import type { RoomcastClient } from "@roomcast/client";
import { useEffect, useState } from "react";

import { useToasts, type Toast } from "../hooks/useToasts";
import { Avatar } from "./Avatar";

/** How long a toast stays without the pointer or the focus on it. */
const SHOWN_MS = 10_000;

/** Notifications, in a corner of the page. */
export function Toasts({ client }: { client: RoomcastClient | undefined }) {
  const { toasts, dismiss } = useToasts(client);
  return (
    <ol className="toasts" role="log" aria-label="Notifications">
      {toasts.map((toast) => (
        <ToastItem key={toast.key} toast={toast} onDismiss={() => dismiss(toast.key)} />
      ))}
    </ol>
  );
}

function ToastItem({ toast, onDismiss }: { toast: Toast; onDismiss: () => void }) {
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const held = pointed || focused;

  useEffect(() => {
    if (held) return;
    const timer = setTimeout(onDismiss, SHOWN_MS);
    return () => clearTimeout(timer);
    // Only letting go restarts the time: onDismiss changes with every render.
  }, [held]);

  const title = toast.kind === "error" ? "Something went wrong" : toast.from;
  return (
    <li
      className={`toast toast-${toast.kind}`}
      data-testid={toast.kind}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      {toast.kind === "error" ? <span className="avatar toast-mark" aria-hidden="true">!</span> : <Avatar user={title} />}
      <p className="toast-body">
        <strong>{title}</strong>
        {toast.text}
      </p>
      <button type="button" className="toast-close" onClick={onDismiss} aria-label="Dismiss">
        <svg viewBox="0 0 16 16" aria-hidden="true" className="icon"><path d="m4 4 8 8M12 4l-8 8" /></svg>
      </button>
    </li>
  );
}
