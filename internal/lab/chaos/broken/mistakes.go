package main

// mutants are the mistakes that the systems made which Roomcast is to be better
// than, and those that are easily made in it: one at least for each thing that
// is checked.
var mutants = []mutant{
	{
		name: "no-replay",
		what: "a join from a position gets no message, and is told that it missed none",
		file: "internal/realtime/recover.go",
		old:  "	p := newPageBuilder(head)\n	anchored :=",
		instead: "	p := newPageBuilder(head)\n	if since >= 0 {\n		return p.page(head.Seq, false), nil\n	}\n" +
			"	anchored :=",
	},
	{
		name:    "no-settle",
		what:    "a join names the head of the room without a look at the gaps below it",
		file:    "internal/realtime/rooms.go",
		old:     "	if err := s.settleTo(ctx, roomID, head); err != nil {\n",
		instead: "	if err := ctx.Err(); err != nil {\n",
	},
	{
		name:    "no-dedupe",
		what:    "a clientId means nothing: a copy of a send is another message",
		file:    "internal/realtime/publish.go",
		old:     "key := SendKey{UserID: p.UserID, ClientID: p.ClientID, RoomID: p.RoomID, Service: p.Service}",
		instead: `key := SendKey{UserID: p.UserID, ClientID: "", RoomID: p.RoomID, Service: p.Service}`,
	},
	{
		name: "stale-members",
		what: "the members are those of up to two seconds ago, as they may be for cursors",
		file: "internal/realtime/spread.go",
		old:  "		members, err := s.connections.Members(ctx, e.RoomID, firstShard, s.directLimit+1)\n",
		instead: "		members, err := membersThatWere(e.RoomID, func() ([]Member, error) {\n" +
			"			return s.connections.Members(ctx, e.RoomID, firstShard, s.directLimit+1)\n" +
			"		})\n",
	},
	{
		name:    "first-shard",
		what:    "a message of a large room is queued for its first shard only",
		file:    "internal/realtime/spread.go",
		old:     "	jobs := make([]Job, head.count())\n",
		instead: "	jobs := make([]Job, min(head.count(), 1))\n",
	},
	{
		name:    "batch-last",
		what:    "of the messages that have piled up only the last is posted",
		file:    "internal/realtime/job.go",
		old:     "		n, frame := protocol.Pack(frames)\n",
		instead: "		n, frame := protocol.Pack(frames)\n		frame = frames[n-1]\n",
	},
	{
		name:    "reap-on-410",
		what:    "every 410 removes the connection, without asking whether it is gone",
		file:    "internal/realtime/gone.go",
		old:     "	if !m.Established && s.now().Sub(m.ConnectedAt) < Youth {\n		return false\n	}\n",
		instead: "	if m.ConnectionID != \"\" {\n		return true\n	}\n",
	},
	{
		name:    "rights-kept",
		what:    "a refresh takes a connection out of no room, and leaves it the permissions that it had",
		file:    "internal/realtime/refresh.go",
		old:     "	left, err := s.leaveForbidden(ctx, c, id.Permissions)\n",
		instead: "	id.Permissions = c.Permissions\n	left, err := s.leaveForbidden(ctx, c, id.Permissions)\n",
	},
	{
		name:    "still-a-member",
		what:    "a refresh takes a permission away, and leaves the connection in the room",
		file:    "internal/realtime/refresh.go",
		old:     "		if !may.Allow(permission.Join, m.RoomID) {\n",
		instead: "		if !may.Allow(permission.Join, m.RoomID) && m.RoomID == \"\" {\n",
	},
	{
		name:    "no-end",
		what:    "a token counts for ever",
		file:    "internal/realtime/access.go",
		old:     "	return !c.EndsAt.IsZero() && !c.EndsAt.After(by)\n",
		instead: "	return !c.EndsAt.IsZero() && !c.EndsAt.After(by) && c.EndsAt.IsZero()\n",
	},
	{
		name:    "no-count",
		what:    "nobody counts what a user sends",
		file:    "internal/realtime/rates.go",
		old:     "	if s.limits.MessageRate <= 0 {\n		return nil\n	}\n	cost, burst :=",
		instead: "	if s.limits.MessageRate <= 0 || sender.ID != \"\" {\n		return nil\n	}\n	cost, burst :=",
	},
	{
		name:    "newest-first",
		what:    "an inbox is read from its end",
		file:    "internal/dynamo/inboxes.go",
		old:     "from: after, to: endOfNotes, limit: limit, having: attrNotification,\n",
		instead: "from: after, to: endOfNotes, limit: limit, having: attrNotification, backward: true,\n",
	},
	{
		name:    "old-roster",
		what:    "cursors are shown to those who were in the room up to ten seconds ago",
		file:    "internal/realtime/roster.go",
		old:     "s.rosters.put(of, fresh, at.Add(rosterAge))",
		instead: "s.rosters.put(of, fresh, at.Add(5*rosterAge))",
	},
	{
		name:    "cursor-back",
		what:    "moves of a cursor that have piled up are shown from the last to the first",
		file:    "internal/realtime/cursorjob.go",
		old:     "		if !moved[j.ConnectionID] && j.At >= oldest {\n			worth = append(worth, j)\n		}\n		moved[j.ConnectionID] = true\n	}\n	slices.Reverse(worth)\n",
		instead: "		if j.At >= oldest {\n			worth = append(worth, j)\n		}\n		moved[j.ConnectionID] = true\n	}\n",
	},
	{
		name:    "ghosts",
		what:    "a member is present however long it was not heard of",
		file:    "internal/realtime/presence.go",
		old:     "	return m.PresentUntil.IsZero() || ",
		instead: "	return m.PresentUntil.IsZero() || m.ConnectionID != \"\" || ",
	},
	{
		name:    "no-recovery",
		what:    "a client that missed more than three messages is asked to fetch everything again",
		file:    "internal/realtime/recover.go",
		old:     "	if head.Seq-since > s.retention.Count {\n",
		instead: "	if head.Seq-since > min(3, s.retention.Count) {\n",
	},
	{
		name:    "unprocessed",
		what:    "what the table did not take of a batch is forgotten",
		file:    "internal/dynamo/batch.go",
		old:     "		if writes = out.UnprocessedItems[t.name]; len(writes) == 0 {\n",
		instead: "		if writes = out.UnprocessedItems[t.name]; len(writes) >= 0 {\n",
	},
	{
		name:    "failed-jobs",
		what:    "what the queue did not take of a batch is forgotten",
		file:    "internal/queue/batch.go",
		old:     "			again = append(again, batch[i])\n",
		instead: "			_ = batch[i]\n",
	},
}

// staleMembers is what stale-members adds to its file.
const staleMembers = `
var lastMembers sync.Map

type membersThen struct {
	at      time.Time
	members []Member
}

func membersThatWere(roomID string, read func() ([]Member, error)) ([]Member, error) {
	if then, ok := lastMembers.Load(roomID); ok && time.Since(then.(membersThen).at) < 2*time.Second {
		return then.(membersThen).members, nil
	}
	members, err := read()
	if err == nil {
		lastMembers.Store(roomID, membersThen{time.Now(), members})
	}
	return members, err
}
`
