import { colorOf } from "../colors";
import type { Line, PendingLine } from "../hooks/useChat";
import { Avatar } from "./Avatar";

interface Props {
  line: Line;
  user: string;
  /** Whether it continues the line above, without a heading of its own. */
  grouped: boolean;
  onRetry: (line: PendingLine) => void;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** One line of the chat. */
export function ChatLine({ line, user, grouped, onRetry }: Props) {
  if (line.kind === "note") return <li className="note">{line.text}</li>;
  const author = line.kind === "message" ? line.userId : user;
  const classes = ["line", author === user && "line-own", grouped && "line-grouped"].filter(Boolean).join(" ");
  return (
    <li className={classes} data-testid="message" data-kind={line.kind} data-user={author}>
      {!grouped && (
        <p className="line-head">
          <Avatar user={author} />
          <span className="line-author" style={{ "--user": colorOf(author) } as React.CSSProperties}>{author}</span>
        </p>
      )}
      <p className="bubble">
        <span className="bubble-text">{line.text}</span>
        {line.kind === "message" ? <When timestamp={line.timestamp} tookMs={line.tookMs} /> : <Progress line={line} onRetry={onRetry} />}
      </p>
    </li>
  );
}

function When({ timestamp, tookMs }: { timestamp: number; tookMs: number | undefined }) {
  const date = new Date(timestamp);
  return (
    <span className="when">
      <time dateTime={date.toISOString()}>{CLOCK.format(date)}</time>
      {tookMs !== undefined && <span title="From sending it to the server's acknowledgement"> · {Math.max(1, Math.round(tookMs))} ms</span>}
    </span>
  );
}

function Progress({ line, onRetry }: { line: PendingLine; onRetry: (line: PendingLine) => void }) {
  if (line.error === undefined) return <span className="when">sending…</span>;
  return (
    <span className="when when-failed" role="alert">
      Not confirmed: {line.error}.{" "}
      <button type="button" className="link" onClick={() => onRetry(line)}>Send again</button>
    </span>
  );
}
