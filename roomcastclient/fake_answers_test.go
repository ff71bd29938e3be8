package roomcastclient_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// roomLog is the log of a room.
type roomLog struct {
	epoch   string
	entries []protocol.Message // by seq from 1; without an id there is no message
	members map[*peer]bool
	acks    map[string]protocol.Ack // by clientId
	oldest  int64                   // what can be replayed is from here
	counted int                     // about how many members it is said to have
}

// answer answers a request as a stack does. The caller holds the lock.
func (s *server) answer(p *peer, r request) {
	switch r.Action {
	case protocol.ActionSendMessage:
		s.take(p, r)
	case protocol.ActionJoin:
		room := s.room(r.RoomID)
		if s.places > 0 && !room.members[p] && len(room.members) >= s.places {
			p.refuse(r, protocol.CodeLimitReached, 0)
			return
		}
		page := protocol.Page{Seq: room.head(), Epoch: room.epoch}
		if r.Since != nil && !s.withoutHistory {
			var ok bool
			if page, ok = room.since(r, s.page); !ok {
				p.refuse(r, protocol.CodeUnknownPosition, 0)
				return
			}
		}
		room.members[p] = true
		p.post(protocol.Joined{ClientID: r.ClientID, RoomID: r.RoomID, Members: room.counted, Page: page})
	case protocol.ActionLeave:
		delete(s.room(r.RoomID).members, p)
		p.post(protocol.Left{ClientID: r.ClientID, RoomID: r.RoomID})
	case protocol.ActionHistory:
		s.history(p, r)
	case protocol.ActionPing:
		pong := protocol.Pong{ClientID: r.ClientID}
		for _, asked := range r.Rooms {
			room := s.room(asked.RoomID)
			state := protocol.RoomState{RoomID: asked.RoomID, Member: room.members[p]}
			if state.Member {
				state.Seq, state.Epoch, state.Members = room.head(), room.epoch, room.counted
			}
			pong.Rooms = append(pong.Rooms, state)
		}
		p.post(pong)
	case protocol.ActionPresence:
		p.post(protocol.Presence{ClientID: r.ClientID, RoomID: r.RoomID, Count: 1, Users: []string{"ada"}})
	case protocol.ActionNotify:
		n := s.notify(string(r.Notification))
		p.post(protocol.NotifyAck{ClientID: r.ClientID, ID: n.ID, Delivered: len(s.peers), Timestamp: n.Timestamp})
	case protocol.ActionInbox:
		s.readInbox(p, r)
	case protocol.ActionAckNotification:
		s.acknowledge(p, r)
	case protocol.ActionRefresh:
		s.refresh(p, r)
	}
}

func (s *server) room(id string) *roomLog {
	if s.rooms[id] == nil {
		s.rooms[id] = &roomLog{members: map[*peer]bool{}, acks: map[string]protocol.Ack{}, oldest: 1}
	}
	return s.rooms[id]
}

func (l *roomLog) head() int64 { return int64(len(l.entries)) }

// take appends a message and delivers it, or delivers a copy again.
func (s *server) take(p *peer, r request) {
	room := s.room(r.RoomID)
	if !room.members[p] {
		p.refuse(r, protocol.CodeNotInRoom, 0)
		return
	}
	ack, copied := room.acks[r.ClientID]
	if !copied {
		m := s.appendMessage(r.RoomID, r.Message)
		ack = protocol.Ack{ClientID: r.ClientID, RoomID: r.RoomID, Seq: m.Seq, ID: m.ID, Timestamp: m.Timestamp}
		room.acks[r.ClientID] = ack
	} else {
		s.deliver(room.entries[ack.Seq-1])
	}
	p.post(ack)
}

// appendMessage logs and delivers a message. The caller holds the lock.
func (s *server) appendMessage(roomID, text string) protocol.Message {
	room := s.room(roomID)
	m := protocol.Message{
		RoomID: roomID, Seq: room.head() + 1, ID: fmt.Sprintf("%s-%d", roomID, room.head()+1),
		UserID: "ada", Message: text, Timestamp: time.Now().UnixMilli(),
	}
	if room.epoch == "" {
		room.epoch = m.ID
	}
	room.entries = append(room.entries, m)
	s.deliver(m)
	return m
}

// tombstone uses up a seq without a message. The caller holds the lock.
func (s *server) tombstone(roomID string) {
	room := s.room(roomID)
	if room.epoch == "" {
		room.epoch = roomID + "-tombstone"
	}
	room.entries = append(room.entries, protocol.Message{})
}

func (s *server) deliver(m protocol.Message) {
	for p := range s.room(m.RoomID).members {
		if s.lose == nil || !s.lose(p, m) {
			p.post(m)
		}
	}
}

// since returns the page after a position, or false if the room never had that
// position.
func (l *roomLog) since(r request, size int) (protocol.Page, bool) {
	since := int64(r.Since.(float64))
	if since > l.head() || since > 0 && r.Epoch != l.epoch || since == 0 && r.Epoch != "" && r.Epoch != l.epoch {
		return protocol.Page{}, false
	}
	page := protocol.Page{Seq: since, Epoch: l.epoch, Recovered: true}
	if since+1 < l.oldest {
		page.Recovered, page.Seq = false, l.oldest-1
	}
	for _, m := range l.entries[page.Seq:] {
		if len(page.Messages) == size {
			page.More = true
			break
		}
		page.Seq++
		if m.ID != "" {
			page.Messages = append(page.Messages, m)
		}
	}
	return page, true
}

func (s *server) history(p *peer, r request) {
	room := s.room(r.RoomID)
	var page protocol.Page
	switch {
	case !room.members[p]:
		p.refuse(r, protocol.CodeNotInRoom, 0)
		return
	case r.Since != nil:
		page, _ = room.since(r, s.page)
	default:
		before := room.head() + 1
		if r.Before > 0 {
			before = min(before, r.Before)
		}
		if r.Limit == 0 {
			r.Limit = protocol.DefaultHistory
		}
		first := max(1, before-int64(r.Limit))
		page = protocol.Page{Seq: first, Epoch: room.epoch, Recovered: true, More: first > 1, Messages: room.entries[first-1 : before-1]}
	}
	p.post(protocol.History{ClientID: r.ClientID, RoomID: r.RoomID, Page: page})
}

// notify stores a notification and posts it. The caller holds the lock.
func (s *server) notify(body string) protocol.Notification {
	n := protocol.Notification{
		ID: fmt.Sprintf("n%06d", len(s.inbox)+1), From: "bob", Notification: json.RawMessage(body),
		Timestamp: time.Now().UnixMilli(),
	}
	s.inbox = append(s.inbox, n)
	for _, p := range s.peers {
		p.post(n)
	}
	return n
}

func (s *server) readInbox(p *peer, r request) {
	in := protocol.Inbox{ClientID: r.ClientID, Dropped: s.dropped, DroppedUpTo: s.dropped}
	since, _ := r.Since.(string)
	for _, n := range s.inbox {
		switch {
		case n.ID <= since:
		case len(in.Notifications) == s.page:
			in.More = true
		default:
			in.Notifications = append(in.Notifications, n)
		}
	}
	p.post(in)
}

func (s *server) acknowledge(p *peer, r request) {
	s.dropped -= r.DroppedUpTo
	before := len(s.inbox)
	s.inbox = slices.DeleteFunc(s.inbox, func(n protocol.Notification) bool { return slices.Contains(r.IDs, n.ID) })
	if before-len(s.inbox) < len(r.IDs) {
		p.refuse(r, protocol.CodeUnknownNotification, 0)
		return
	}
	p.post(protocol.InboxAck{ClientID: r.ClientID, IDs: r.IDs})
}
