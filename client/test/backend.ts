/** A request as it came over the wire. */
export interface Request {
  action: string;
  clientId?: string;
  [field: string]: unknown;
}

/** One connection, seen from the server. */
export interface Peer {
  readonly userId: string;
  readonly rooms: Set<string>;
  readonly url: string;
  /** The subprotocols that it offered. */
  readonly protocols: readonly string[];
  /** Sends a text frame. */
  write(text: string): void;
  /** Cuts the connection without a close frame. */
  cut(): void;
}

/** A message as it is kept and sent. */
export interface Message {
  type: "message";
  roomId: string;
  seq: number;
  id: string;
  userId: string;
  message: string;
  timestamp: number;
}

interface Log {
  epoch: string;
  head: number;
  messages: Message[];
}

/** A waiting notification. */
interface Note {
  id: string;
  from: string;
  notification: unknown;
  timestamp: number;
}

/**
 * A small server that speaks docs/reference/protocol.md; its subclasses
 * transport the frames.
 *
 * To test something that it does not do by itself, set `intercept`: it sees
 * each request first, and the server leaves a request alone for which it
 * returns true. `lose` does the same for messages that are delivered.
 */
export class Backend {
  /** Sees each request first; true keeps the server from answering it. */
  intercept: (request: Request, peer: Peer) => boolean = () => false;
  /** Sees each message before it is delivered to a member; true keeps it back. */
  lose: (message: Message, peer: Peer) => boolean = () => false;
  /** Every request so far. */
  readonly requests: Request[] = [];
  /** Every open connection. */
  readonly peers = new Set<Peer>();
  /** How many connections were ever made. */
  connections = 0;
  /** Whether nobody may read the history: a join replays nothing. */
  blind = false;
  /** How many connections the user may have. */
  devices = Infinity;
  /** How many members a room may have. */
  places = Infinity;
  /** How many places of each room are held by dead connections. */
  readonly ghosts = new Map<string, number>();
  /** How many messages fit into a reply. */
  pageSize = 50;
  /** How many were dropped from each user's inbox, and how many of them were acknowledged. */
  dropped = 0;
  forgiven = 0;
  /** Everything that waits, of all users. */
  readonly inbox: (Note & { to: string })[] = [];
  /** About how many members each room has, where somebody has counted them. */
  readonly members = new Map<string, number>();
  /** The first seq that a room's log still keeps, where that is not 1. */
  readonly keptFrom = new Map<string, number>();

  /** When each token ends, in milliseconds since 1970; undefined where authentication is open. */
  tokens: Map<string, number> | undefined;
  /** The rooms that the next token does not permit. */
  revoked: string[] = [];

  readonly #ends = new Map<Peer, number>();
  readonly #logs = new Map<string, Log>();
  readonly #acks = new Map<string, object>();
  #ids = 0;

  /** The requests of one action so far. */
  of(action: string): Request[] {
    return this.requests.filter((request) => request.action === action);
  }

  /** Makes a token that holds for so many milliseconds from now on. It looks like a JWT. */
  issue(holds: number): string {
    this.tokens ??= new Map();
    const ends = Date.now() + holds;
    const token = `e30.${btoa(JSON.stringify({ exp: ends / 1000, n: this.tokens.size })).replaceAll("=", "")}.c2ln`;
    this.tokens.set(token, ends);
    return token;
  }

  /** Whether a handshake is let in. */
  admits(peer: Peer): boolean {
    if (this.peers.size >= this.devices) return false;
    return this.tokens === undefined || (this.tokens.get(tokenOf(peer)) ?? 0) > Date.now();
  }

  /** Takes a new connection. */
  connect(peer: Peer): void {
    this.connections++;
    this.peers.add(peer);
    this.expire(peer, this.tokens?.get(tokenOf(peer)) ?? Infinity);
  }

  /** Has a connection's token end at a time, and the connection cut a minute after that. */
  expire(peer: Peer, ends = Date.now()): void {
    this.#ends.set(peer, ends);
    if (ends !== Infinity) setTimeout(() => this.#ends.get(peer) === ends && peer.cut(), ends + 60_000 - Date.now());
  }

  /** Cuts every connection without a close frame. */
  drop(): void {
    for (const peer of this.peers) peer.cut();
  }

  /** Sends a frame, or a raw text, to every connection. */
  broadcast(frame: object | string): void {
    for (const peer of this.peers) send(peer, frame);
  }

  /** The log of a room. */
  log(roomId: string): Log {
    const log = this.#logs.get(roomId) ?? { epoch: "", head: 0, messages: [] };
    this.#logs.set(roomId, log);
    return log;
  }

  /** Forgets a room's log, like a table that was replaced. */
  restart(roomId: string): void {
    this.#logs.delete(roomId);
  }

  /** Takes a seq for which there will never be a message. */
  skip(roomId: string): void {
    const log = this.log(roomId);
    log.head++;
    log.epoch ||= this.#id();
  }

  /** Puts a message into the room's log and delivers it. */
  say(roomId: string, text: string, userId = "somebody"): Message {
    const log = this.log(roomId);
    const id = this.#id();
    log.epoch ||= id;
    const message: Message = { type: "message", roomId, seq: ++log.head, id, userId, message: text, timestamp: Date.now() };
    log.messages.push(message);
    this.deliver(message);
    return message;
  }

  /** Sends a message to the room's members. */
  deliver(message: Message): void {
    for (const peer of this.peers) if (peer.rooms.has(message.roomId) && !this.lose(message, peer)) send(peer, message);
  }

  /** Answers a text frame from a connection. */
  receive(text: string, peer: Peer): void {
    const request = JSON.parse(text) as Request;
    this.requests.push(request);
    if (request.action !== "refresh" && (this.#ends.get(peer) ?? Infinity) <= Date.now()) {
      return send(peer, { type: "error", code: "token_expired", message: "the token has ended", clientId: request.clientId });
    }
    if (this.intercept(request, peer)) return;
    for (const frame of this.#answer(request, peer, String(request.roomId))) send(peer, { ...frame, clientId: request.clientId });
  }

  #answer(request: Request, peer: Peer, roomId: string): object[] {
    if (["sendMessage", "cursorMove", "presence", "history"].includes(request.action) && !peer.rooms.has(roomId)) {
      return [{ type: "error", code: "not_in_room", message: `join "${roomId}" first` }];
    }
    switch (request.action) {
      case "join":
        return [this.#join(request, peer, roomId)];
      case "leave":
        peer.rooms.delete(roomId);
        return [{ type: "left", roomId }];
      case "history":
        return [{ ...(request.since === undefined ? this.#before(request, roomId) : this.#after(request, roomId)), type: "history", roomId }];
      case "sendMessage":
        return [this.#once(request, peer, () => {
          const { seq, id, timestamp } = this.say(roomId, String(request.message), peer.userId);
          return { type: "ack", roomId, seq, id, timestamp };
        })];
      case "cursorMove": {
        const { position, color } = request;
        for (const other of this.peers) {
          if (other !== peer && other.rooms.has(roomId)) send(other, { type: "cursor", roomId, userId: peer.userId, position, color, timestamp: 1 });
        }
        return [];
      }
      case "notify":
        return [this.#once(request, peer, () => this.#notify(request, peer))];
      case "inbox":
        return [this.#inboxOf(peer.userId, request.since as string | undefined)];
      case "ackNotification":
        return [this.#acknowledge(request.ids as string[], peer, Number(request.droppedUpTo ?? 0))];
      case "presence": {
        const users = [...new Set([...this.peers].filter((other) => other.rooms.has(roomId)).map((other) => other.userId))].sort();
        return [{ type: "presence", roomId, count: users.length, users }];
      }
      case "ping": {
        const rooms = (request.rooms as { roomId: string }[] | undefined)?.map((room) => {
          const { head: seq, epoch } = this.log(room.roomId);
          const members = this.members.get(room.roomId);
          return peer.rooms.has(room.roomId) ? { roomId: room.roomId, member: true, seq, epoch, members } : { roomId: room.roomId, member: false };
        });
        return [{ type: "pong", timestamp: Date.now(), rooms }];
      }
      case "refresh":
        return [this.#refresh(String(request.token), peer)];
      default:
        return [{ type: "error", code: "unknown_action", message: request.action }];
    }
  }

  #refresh(token: string, peer: Peer): object {
    const expiresAt = this.tokens?.get(token) ?? 0;
    if (expiresAt <= Date.now()) return { type: "error", code: "bad_token", message: "not a good token" };
    this.expire(peer, expiresAt);
    for (const roomId of this.revoked) peer.rooms.delete(roomId);
    return { type: "refreshed", expiresAt, left: this.revoked };
  }

  #join(request: Request, peer: Peer, roomId: string): object {
    const { head, epoch } = this.log(roomId);
    const since = this.blind ? undefined : (request.since as number | undefined);
    if (since !== undefined && since > 0 && (since > head || request.epoch !== epoch)) {
      return { type: "error", code: "unknown_position", message: "no such position" };
    }
    const others = [...this.peers].filter((other) => other !== peer && other.rooms.has(roomId)).length + (this.ghosts.get(roomId) ?? 0);
    if (others >= this.places) return { type: "error", code: "limit_reached", message: "the room is full" };
    peer.rooms.add(roomId);
    const page = since === undefined ? { seq: head, epoch, recovered: false, messages: [] } : this.#after(request, roomId);
    return { ...page, type: "joined", roomId, members: this.members.get(roomId) };
  }

  /** The page after a position; the newest messages when the log does not go back that far. */
  #after(request: Request, roomId: string): object {
    const { head, epoch, messages } = this.log(roomId);
    const since = Number(request.since);
    const missing = messages.filter(({ seq }) => seq > since);
    const kept = this.keptFrom.get(roomId) ?? 1;
    if (since + 1 < kept) return { seq: head, epoch, recovered: false, messages: missing.slice(-this.pageSize) };
    const page = missing.slice(0, this.pageSize);
    const more = page.length < missing.length || undefined;
    return { seq: more ? page.at(-1)!.seq : head, epoch, recovered: true, more, messages: page };
  }

  #before(request: Request, roomId: string): object {
    const { epoch, messages } = this.log(roomId);
    const older = messages.filter(({ seq }) => seq < Number(request.before ?? Infinity));
    const page = older.slice(-Number(request.limit ?? 50));
    return { seq: page[0]?.seq ?? 0, epoch, recovered: true, more: page.length < older.length || undefined, messages: page };
  }

  #once(request: Request, peer: Peer, carryOut: () => object): object {
    const key = JSON.stringify([peer.userId, request.action, request.roomId, request.clientId]);
    const ack = this.#acks.get(key) ?? carryOut();
    this.#acks.set(key, ack);
    return ack;
  }

  #notify(request: Request, peer: Peer): object {
    const users = (request.userIds as string[] | undefined) ?? [String(request.userId)];
    const note = { id: this.#id(), from: peer.userId, notification: request.notification, timestamp: Date.now() };
    for (const to of users) this.inbox.push({ to, ...note });
    const targets = [...this.peers].filter((other) => users.includes(other.userId));
    for (const target of targets) send(target, { type: "notification", ...note });
    return { type: "ack", delivered: targets.length, id: note.id, timestamp: note.timestamp };
  }

  #inboxOf(user: string, since = ""): object {
    const waiting = this.inbox.filter(({ to, id }) => to === user && id > since);
    const notifications = waiting.slice(0, this.pageSize).map(({ to: _, ...note }) => note);
    return { type: "inbox", notifications, dropped: this.dropped - this.forgiven, droppedUpTo: this.dropped, more: notifications.length < waiting.length || undefined };
  }

  #acknowledge(ids: string[], peer: Peer, droppedUpTo: number): object {
    this.forgiven = Math.max(this.forgiven, droppedUpTo);
    const held = ids.map((id) => this.inbox.findIndex((note) => note.id === id && note.to === peer.userId));
    for (const index of held.filter((at) => at >= 0).sort((a, b) => b - a)) this.inbox.splice(index, 1);
    if (held.includes(-1)) return { type: "error", code: "unknown_notification", message: "not in the inbox" };
    return { type: "ack", ids };
  }

  #id(): string {
    return `id${String(++this.#ids).padStart(6, "0")}`;
  }
}

/** Sends a frame, or a raw text, to one connection. */
export function send(peer: Peer, frame: object | string): void {
  peer.write(typeof frame === "string" ? frame : JSON.stringify(frame));
}

/** The token of a handshake. */
function tokenOf({ url, protocols }: Peer): string {
  return protocols[1] ?? new URL(url, "ws://server").searchParams.get("token") ?? "";
}
