import type { RoomcastClient, RoomcastError } from "@roomcast/client";
import { useState, type FormEvent } from "react";

import type { People } from "../hooks/usePeople";
import { MAX_NAME } from "../session";
import { reason } from "../words";

interface Props {
  client: RoomcastClient | undefined;
  people: People;
  recipient: string;
  onRecipient: (user: string) => void;
}

interface Outcome {
  readonly text: string;
  readonly failed: boolean;
}

/** Sends a notification to a user in any room. */
export function Notify({ client, people, recipient, onRecipient }: Props) {
  const [text, setText] = useState("");
  const [outcome, setOutcome] = useState<Outcome>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const to = recipient.trim();
    if (client === undefined || to === "" || text.trim() === "") return;
    try {
      const { delivered } = await client.notify(to, { text: text.trim() });
      setText("");
      setOutcome({ text: outcomeOf(to, delivered), failed: delivered === 0 });
    } catch (error) {
      setOutcome({ text: `Not sent: ${reason(error as RoomcastError)}.`, failed: true });
    }
  };

  return (
    <form className="card notify" onSubmit={(event) => void submit(event)} aria-labelledby="notify-title">
      <h2 id="notify-title" className="card-title">Send a notification</h2>
      <label className="field">
        To
        <input value={recipient} onChange={(event) => onRecipient(event.target.value)} list="people-names" maxLength={MAX_NAME} required autoComplete="off" spellCheck={false} placeholder="a name" data-testid="notify-to" />
      </label>
      <datalist id="people-names">
        {people.users.map((name) => <option key={name} value={name} />)}
      </datalist>
      <label className="field">
        Notification
        <input value={text} onChange={(event) => setText(event.target.value)} required autoComplete="off" placeholder="Lunch?" data-testid="notify-text" />
      </label>
      <button className="button" type="submit" data-testid="notify-send">Send</button>
      <p className="outcome" role="status" data-failed={outcome?.failed} data-testid="notify-outcome">{outcome?.text}</p>
    </form>
  );
}

function outcomeOf(user: string, delivered: number): string {
  if (delivered === 0) return `${user} is offline, and finds it in the inbox.`;
  return `Delivered to ${user}${delivered > 1 ? ` in ${delivered} windows` : ""}.`;
}
