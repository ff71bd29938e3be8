import type { ConnectionState, Room, RoomcastError } from "@roomcast/client";
import { useEffect, useRef, useState, type FormEvent } from "react";

import { useChat, type Line } from "../hooks/useChat";
import { reason } from "../words";
import { ChatLine } from "./ChatLine";

/** Messages of one user within this time share one heading. */
const GROUP_MS = 3 * 60_000;

interface Props {
  room: Room | undefined;
  /** The name of the room. */
  name: string;
  user: string;
  connection: ConnectionState;
}

/** The chat of a room. */
export function Chat({ room, name, user, connection }: Props) {
  const { lines, send, retry } = useChat(room, user);
  const list = useRef<HTMLOListElement>(null);

  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [lines]);

  return (
    <section className="card chat" aria-labelledby="chat-title">
      <h2 id="chat-title" className="card-title">Chat</h2>
      <ol className="chat-lines" ref={list} role="log" aria-label={`Messages in ${name}`} tabIndex={0} data-testid="messages">
        {lines.length === 0 && <li className="chat-empty">No messages yet. They appear here, for everyone in this room, as they are sent.</li>}
        {lines.map((line, i) => (
          <ChatLine key={line.key} line={line} user={user} grouped={follows(line, lines[i - 1], user)} onRetry={retry} />
        ))}
      </ol>
      <Composer room={name} waiting={connection !== "open"} onSend={send} />
    </section>
  );
}

/** Whether a line continues what the same user said just before. */
function follows(line: Line, before: Line | undefined, user: string): boolean {
  if (line.kind === "note" || before === undefined || before.kind === "note") return false;
  const author = (of: typeof line) => (of.kind === "message" ? of.userId : user);
  if (author(line) !== author(before)) return false;
  return line.kind === "pending" || before.kind === "pending" || line.timestamp - before.timestamp < GROUP_MS;
}

interface ComposerProps {
  room: string;
  waiting: boolean;
  /** Sends a text; resolves with the error if it cannot be sent as it is. */
  onSend: (text: string) => Promise<RoomcastError | undefined>;
}

function Composer({ room, waiting, onSend }: ComposerProps) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const sent = text.trim();
    if (sent === "") return;
    setText("");
    setProblem(undefined);
    const error = await onSend(sent);
    if (error === undefined) return;
    // The text goes back into the field, unless another one was started.
    setText((now) => now || sent);
    const size = new TextEncoder().encode(sent).length.toLocaleString("en");
    setProblem(`Not sent: ${reason(error)}${error.code === "message_too_large" ? ` (${size} bytes). Shorten it, or send it in parts` : ""}.`);
  };

  const change = (now: string) => {
    setText(now);
    setProblem(undefined);
  };

  return (
    <form className="composer" onSubmit={(event) => void submit(event)}>
      {problem !== undefined && <p className="composer-problem" role="alert" data-testid="composer-problem">{problem}</p>}
      <label className="sr-only" htmlFor="composer">Message to {room}</label>
      <input id="composer" value={text} onChange={(event) => change(event.target.value)} aria-invalid={problem !== undefined} placeholder={waiting ? "Sent when connected…" : `Message ${room}`} autoComplete="off" data-testid="composer" />
      <button className="button" type="submit" disabled={text.trim() === ""} data-testid="send">Send</button>
    </form>
  );
}
