import type { ConnectionState } from "@roomcast/client";
import { useState } from "react";

import { randomName, sessionAddress, type Session } from "../session";
import { SessionForm } from "./SessionForm";

const WORDS: Record<ConnectionState, string> = {
  connecting: "Connecting…",
  open: "Connected",
  reconnecting: "Reconnecting…",
  closed: "Closed",
};

interface Props {
  session: Session;
  onSession: (session: Session) => void;
  connection: ConnectionState;
  /** Why there is no connection, if that is known. */
  problem: string | undefined;
}

/** What the page says about a lost connection until more is known. */
const LOST = "The connection was lost. What you write is sent when it is back.";

/** The title, the user and the room, the state of the connection, and a link to a second window. */
export function Header({ session, onSession, connection, problem }: Props) {
  const [guest, setGuest] = useState(randomName);
  const shown = problem ?? (connection === "reconnecting" ? LOST : undefined);
  return (
    <header className="header">
      <h1 className="brand">
        <Mark />
        Roomcast
      </h1>
      <SessionForm key={`${session.user}\n${session.room}`} session={session} onChange={onSession} />
      <p className="connection" role="status" data-testid="connection" data-state={connection}>
        <span className="connection-dot" aria-hidden="true" />
        {WORDS[connection]}
      </p>
      <a
        className="button button-quiet"
        href={sessionAddress({ user: guest, room: session.room })}
        target="_blank"
        rel="noopener"
        data-testid="second-window"
        // The window after it gets another name.
        onClick={() => setTimeout(() => setGuest(randomName()))}
      >
        Open a second window
        <svg viewBox="0 0 16 16" aria-hidden="true" className="icon">
          <path d="M6 3H3v10h10v-3M9 3h4v4M13 3 7.5 8.5" />
        </svg>
      </a>
      {connection !== "open" && shown !== undefined && (
        <p className="problem" role="status" data-testid="problem">
          {shown}
        </p>
      )}
    </header>
  );
}

function Mark() {
  return (
    <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M10.3 21.700a8 8 0 0 1 0-11.400M21.7 10.300a8 8 0 0 1 0 11.400M6.8 25.200a13 13 0 0 1 0-18.400M25.2 6.800a13 13 0 0 1 0 18.4" />
      <circle cx="16" cy="16" r="3" />
    </svg>
  );
}
