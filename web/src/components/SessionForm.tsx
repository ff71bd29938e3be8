import { useState, type FormEvent } from "react";

import { MAX_NAME, type Session } from "../session";
import { Avatar } from "./Avatar";

interface Props {
  session: Session;
  onChange: (session: Session) => void;
}

/** Chooses the name and the room. */
export function SessionForm({ session, onChange }: Props) {
  const [user, setUser] = useState(session.user);
  const [room, setRoom] = useState(session.room);
  const next = { user: user.trim(), room: room.trim() };
  const changed = next.user !== session.user || next.room !== session.room;
  const complete = next.user !== "" && next.room !== "";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed && complete) onChange(next);
  };

  return (
    <form className="session" onSubmit={submit} aria-label="You">
      <Avatar user={session.user} />
      <label className="session-field">
        <span className="sr-only">Your name</span>
        <input value={user} onChange={(event) => setUser(event.target.value)} maxLength={MAX_NAME} required autoComplete="off" spellCheck={false} data-testid="user-input" />
      </label>
      <label className="session-field">
        in <span className="sr-only">room</span>
        <input value={room} onChange={(event) => setRoom(event.target.value)} maxLength={MAX_NAME} required autoComplete="off" spellCheck={false} data-testid="room-input" />
      </label>
      {changed && (
        <button className="button" type="submit" disabled={!complete} data-testid="join">
          Go
        </button>
      )}
    </form>
  );
}
