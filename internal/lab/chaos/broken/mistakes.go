package main

import "github.com/roomcast/roomcast/internal/lab/chaos"

// mutants are mistakes that other systems made and mistakes that are easily made
// here: at least one for each property that the checker verifies.
var mutants = []mutant{
	{
		name:  "no-replay",
		kinds: []chaos.Kind{chaos.Missing},
		what:  "a join from a position gets no messages, as if it had missed none",
		file:  "internal/realtime/roomlog/recover.go",
		old:   "	p := newPageBuilder(head)\n	anchored :=",
		instead: "	p := newPageBuilder(head)\n	if since >= 0 {\n		return p.page(head.Seq, false), nil\n	}\n" +
			"	anchored :=",
	},
	{
		name:    "open-gaps",
		kinds:   []chaos.Kind{chaos.BelowJoin},
		what:    "a join names the head of the room without resolving the gaps below it",
		file:    "internal/realtime/roomlog/reader.go",
		old:     "	if err := r.resolveTo(ctx, roomID, head); err != nil {\n",
		instead: "	if err := ctx.Err(); err != nil {\n",
	},
	{
		name:    "no-dedupe",
		kinds:   []chaos.Kind{chaos.LoggedTwice},
		what:    "the clientId is ignored: a copy of a send becomes another message",
		file:    "internal/realtime/roomlog/append.go",
		old:     "key := sends.Key{UserID: p.UserID, ClientID: p.ClientID, RoomID: p.RoomID, Service: p.Service}",
		instead: `key := sends.Key{UserID: p.UserID, ClientID: "", RoomID: p.RoomID, Service: p.Service}`,
	},
	{
		name:  "stale-members",
		kinds: []chaos.Kind{chaos.NeverPosted},
		what:  "messages go to the members of up to four seconds ago",
		file:  "internal/realtime/delivery/fanout.go",
		old:   "		to, err := f.lists.Members(ctx, e.RoomID, shard.First, f.directLimit+1)\n",
		instead: "		to, err := membersThatWere(e.RoomID, func() ([]members.Member, error) {\n" +
			"			return f.lists.Members(ctx, e.RoomID, shard.First, f.directLimit+1)\n" +
			"		})\n",
	},
	{
		name:    "first-shard",
		kinds:   []chaos.Kind{chaos.NeverPosted},
		what:    "a message of a large room is queued for its first shard only",
		file:    "internal/realtime/delivery/fanout.go",
		old:     "	jobs := make([]Job, head.Count())\n",
		instead: "	jobs := make([]Job, min(head.Count(), 1))\n",
	},
	{
		name:    "batch-last",
		kinds:   []chaos.Kind{chaos.NeverPosted},
		what:    "of the messages that have piled up, only the last is posted",
		file:    "internal/realtime/delivery/runner.go",
		old:     "		n, batch := protocol.Pack(data)\n",
		instead: "		n, batch := protocol.Pack(data)\n		batch = data[n-1]\n",
	},
	{
		name:    "reap-on-410",
		kinds:   []chaos.Kind{chaos.NeverPosted},
		what:    "every 410 removes the connection without a GET that confirms it",
		file:    "internal/realtime/delivery/gone.go",
		old:     "	if !m.Established && d.env.Now().Sub(m.ConnectedAt) < members.HandshakeTime {\n		return false\n	}\n",
		instead: "	if m.ConnectionID != \"\" {\n		return true\n	}\n",
	},
	{
		name:    "rights-kept",
		kinds:   []chaos.Kind{chaos.RightKept},
		what:    "a refresh leaves the connection its old permissions",
		file:    "internal/realtime/session/refresh.go",
		old:     "	left, err := r.leaveForbidden(ctx, c, id.Permissions)\n",
		instead: "	id.Permissions = c.Permissions\n	left, err := r.leaveForbidden(ctx, c, id.Permissions)\n",
	},
	{
		name:    "still-a-member",
		kinds:   []chaos.Kind{chaos.RightKept},
		what:    "a refresh removes a permission but leaves the connection in the room",
		file:    "internal/realtime/session/refresh.go",
		old:     "		if !p.Allow(permission.Join, m.RoomID) {\n",
		instead: "		if !p.Allow(permission.Join, m.RoomID) && m.RoomID == \"\" {\n",
	},
	{
		name:    "no-end",
		kinds:   []chaos.Kind{chaos.TokenKept},
		what:    "a token never expires",
		file:    "internal/realtime/members/directory.go",
		old:     "	return !c.TokenExpiresAt.IsZero() && !c.TokenExpiresAt.After(by)\n",
		instead: "	return !c.TokenExpiresAt.IsZero() && !c.TokenExpiresAt.After(by) && c.TokenExpiresAt.IsZero()\n",
	},
	{
		name:    "no-count",
		kinds:   []chaos.Kind{chaos.OverLimit},
		what:    "the messages of a user are not counted",
		file:    "internal/realtime/limits/meter.go",
		old:     "	if m.limits.MessageRate <= 0 {\n		return nil\n	}\n	cost, burst :=",
		instead: "	if m.limits.MessageRate <= 0 || userID != \"\" {\n		return nil\n	}\n	cost, burst :=",
	},
	{
		name:    "newest-first",
		kinds:   []chaos.Kind{chaos.NotesOrder},
		what:    "an inbox is read from its end",
		file:    "internal/dynamo/inboxes.go",
		old:     "from: after, to: endOfIDs, limit: limit, having: attrNotification,\n",
		instead: "from: after, to: endOfIDs, limit: limit, having: attrNotification, backward: true,\n",
	},
	{
		name:    "stale-cursors",
		kinds:   []chaos.Kind{chaos.CursorOutsider},
		what:    "cursors go to the members of up to ten seconds ago",
		file:    "internal/realtime/cursors/show.go",
		old:     "m.entries.Put(of, fresh, at.Add(cacheAge))",
		instead: "m.entries.Put(of, fresh, at.Add(5*cacheAge))",
	},
	{
		name:    "cursor-back",
		kinds:   []chaos.Kind{chaos.CursorOrder},
		what:    "moves of a cursor that have piled up are shown last to first",
		file:    "internal/realtime/cursors/runner.go",
		old:     "		if !moved[j.ConnectionID] && j.At >= oldest {\n			last = append(last, j)\n		}\n		moved[j.ConnectionID] = true\n	}\n	slices.Reverse(last)\n",
		instead: "		if j.At >= oldest {\n			last = append(last, j)\n		}\n		moved[j.ConnectionID] = true\n	}\n",
	},
	{
		name:    "ghosts",
		kinds:   []chaos.Kind{chaos.Ghost},
		what:    "a member stays present however long it is silent",
		file:    "internal/realtime/members/presence.go",
		old:     "	return m.PresentUntil.IsZero() || ",
		instead: "	return m.PresentUntil.IsZero() || m.ConnectionID != \"\" || ",
	},
	{
		name:    "no-recovery",
		kinds:   []chaos.Kind{chaos.NotRecovered},
		what:    "a client that missed more than three messages is not recovered",
		file:    "internal/realtime/roomlog/recover.go",
		old:     "	if head.Seq-since > r.retention.Count {\n",
		instead: "	if head.Seq-since > min(3, r.retention.Count) {\n",
	},
	{
		name:    "unprocessed",
		kinds:   []chaos.Kind{chaos.TokenKept, chaos.NeverPosted},
		what:    "unprocessed items of a batch write are dropped",
		file:    "internal/dynamo/batch.go",
		old:     "		if writes = out.UnprocessedItems[t.name]; len(writes) == 0 {\n",
		instead: "		if writes = out.UnprocessedItems[t.name]; len(writes) >= 0 {\n",
	},
	{
		name:    "failed-jobs",
		kinds:   []chaos.Kind{chaos.NeverPosted},
		what:    "failed entries of a batch send are dropped",
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
	members []members.Member
}

func membersThatWere(roomID string, read func() ([]members.Member, error)) ([]members.Member, error) {
	if then, ok := lastMembers.Load(roomID); ok && time.Since(then.(membersThen).at) < 4*time.Second {
		return then.(membersThen).members, nil
	}
	now, err := read()
	if err == nil {
		lastMembers.Store(roomID, membersThen{time.Now(), now})
	}
	return now, err
}
`
