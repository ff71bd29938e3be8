import type { People as Presence } from "../hooks/usePeople";
import { Avatar } from "./Avatar";

interface Props {
  people: Presence;
  user: string;
  /** A user was picked as the recipient of a notification. */
  onPick: (user: string) => void;
}

/** Who is in the room. */
export function People({ people, user, onPick }: Props) {
  const unnamed = people.count - people.users.length;
  return (
    <section className="card people" aria-labelledby="people-title">
      <h2 id="people-title" className="card-title">
        In this room <span className="count" data-testid="presence-count">{people.count}</span>
      </h2>
      <ul className="people-list" data-testid="presence">
        {people.users.map((name) => (
          <li key={name} data-testid="person" data-user={name}>
            <button type="button" className="person" onClick={() => onPick(name)} title={`Write a notification to ${name}`}>
              <Avatar user={name} />
              <span className="person-name">{name}</span>
              {name === user && <span className="you">you</span>}
            </button>
          </li>
        ))}
        {unnamed > 0 && <li className="hint">and {unnamed} more</li>}
      </ul>
    </section>
  );
}
