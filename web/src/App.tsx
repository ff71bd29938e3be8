import { useEffect, useState } from "react";

import { Canvas } from "./components/Canvas";
import { Chat } from "./components/Chat";
import { Header } from "./components/Header";
import { Notify } from "./components/Notify";
import { People } from "./components/People";
import { Toasts } from "./components/Toasts";
import { useClient, useConnection, useRoom } from "./hooks/useClient";
import { usePeople } from "./hooks/usePeople";
import { readSession, sessionAddress } from "./session";

/** The whole page. */
export function App() {
  const [session, setSession] = useState(readSession);
  const [recipient, setRecipient] = useState("");
  const { user } = session;
  const { client, problem } = useClient(user);
  const connection = useConnection(client);
  const room = useRoom(client, session.room);
  const people = usePeople(client, room);

  useEffect(() => {
    // A reload, or a bookmark, finds the same name in the same room.
    history.replaceState(null, "", sessionAddress(session));
    document.title = `${session.room} · Roomcast`;
  }, [session]);

  return (
    <div className="page">
      <Header session={session} onSession={setSession} connection={connection} problem={problem} />
      <Toasts client={client} />
      <main className="board">
        <Canvas room={room} name={session.room} user={user} />
        <Chat room={room} name={session.room} user={user} connection={connection} />
        <aside className="side" aria-label="People and notifications">
          <People people={people} user={user} onPick={setRecipient} />
          <Notify client={client} people={people} recipient={recipient} onRecipient={setRecipient} />
        </aside>
      </main>
    </div>
  );
}
