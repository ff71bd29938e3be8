package roomcastclient

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// The wire format has one source, internal/protocol; the client mirrors it.

// The wire format has one source, internal/protocol, and the client mirrors it.
func TestFramesMatchTheServer(t *testing.T) {
	t.Parallel()
	message := protocol.Message{RoomID: "r", Seq: 7, ID: "m", UserID: "ada", Message: "hi", Timestamp: 5}
	page := protocol.Page{Seq: 7, Epoch: "e", Recovered: true, More: true, Messages: []protocol.Message{message}}
	notification := protocol.Notification{ID: "n", From: "bob", Notification: json.RawMessage(`{"a":1}`), Timestamp: 6}
	messages := []messageFrame{messageFrame(message)}
	notifications := []notificationFrame{notificationFrame(notification)}
	for _, c := range []struct {
		frame protocol.Frame
		want  incoming
	}{
		{message, incoming{RoomID: "r", Seq: 7, ID: "m", UserID: "ada", Message: "hi", Timestamp: 5}},
		{protocol.Ack{ClientID: "c", RoomID: "r", Seq: 7, ID: "m", Timestamp: 5},
			incoming{ClientID: "c", RoomID: "r", Seq: 7, ID: "m", Timestamp: 5}},
		{protocol.NotifyAck{ClientID: "c", ID: "n", Delivered: 2, Timestamp: 5},
			incoming{ClientID: "c", ID: "n", Delivered: 2, Timestamp: 5}},
		{protocol.Joined{ClientID: "c", RoomID: "r", Members: 250, Page: page},
			incoming{ClientID: "c", RoomID: "r", Members: 250, Seq: 7, Epoch: "e", Recovered: true, More: true, Messages: messages}},
		{protocol.History{ClientID: "c", RoomID: "r", Page: page},
			incoming{ClientID: "c", RoomID: "r", Seq: 7, Epoch: "e", Recovered: true, More: true, Messages: messages}},
		{notification, incoming{ID: "n", From: "bob", Notification: json.RawMessage(`{"a":1}`), Timestamp: 6}},
		{protocol.Inbox{ClientID: "c", Notifications: []protocol.Notification{notification}, Dropped: 3, DroppedUpTo: 8, More: true},
			incoming{ClientID: "c", Notifications: notifications, Dropped: 3, DroppedUpTo: 8, More: true}},
		{protocol.Presence{ClientID: "c", RoomID: "r", Count: 1, Users: []string{"ada"}},
			incoming{ClientID: "c", RoomID: "r", Count: 1, Users: []string{"ada"}}},
		{protocol.Pong{ClientID: "c", Timestamp: 5, Rooms: []protocol.RoomState{{RoomID: "r", Member: true, Seq: 7, Epoch: "e", Members: 250}}},
			incoming{ClientID: "c", Timestamp: 5, Rooms: []pongRoom{{RoomID: "r", Member: true, Seq: 7, Epoch: "e", Members: 250}}}},
		{protocol.Refreshed{ClientID: "c", ExpiresAt: 9, Left: []string{"r"}}, incoming{ClientID: "c", ExpiresAt: 9, Left: []string{"r"}}},
		{protocol.Cursor{RoomID: "r", UserID: "ada", Position: TextPosition(1, 2).at, Color: "#fff", Timestamp: 5},
			incoming{RoomID: "r", UserID: "ada", Position: TextPosition(1, 2).at, Color: "#fff", Timestamp: 5}},
		{protocol.ErrorFrame{Code: "unavailable", Message: "later", ClientID: "c", RetryAfterMs: 250},
			incoming{Code: "unavailable", Message: "later", ClientID: "c", RetryAfterMs: 250}},
		{protocol.Batch{Frames: []json.RawMessage{[]byte(`{"type":"pong"}`), []byte(`1`)}},
			incoming{Frames: []json.RawMessage{[]byte(`{"type":"pong"}`), []byte(`1`)}}},
	} {
		data, err := protocol.Encode(c.frame)
		if err != nil {
			t.Fatal(err)
		}
		var got incoming
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if c.want.Type = c.frame.Type(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s is read as %+v, want %+v", data, got, c.want)
		}
	}
}

func TestRequestsMatchTheServer(t *testing.T) {
	t.Parallel()
	encode := func(o outgoing) []byte {
		o.ClientID = "c"
		frame, err := o.encode()
		if err != nil {
			t.Fatal(err)
		}
		return frame
	}
	is := func(got any, err error, want any) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("read as %+v, %v, want %+v", got, err, want)
		}
	}
	inRoom := protocol.Request{ClientID: "c", RoomID: "r"}

	send, err := protocol.DecodeSendMessage(encode(outgoing{Action: protocol.ActionSendMessage, RoomID: "r", Message: "<hi>"}))
	is(send, err, protocol.SendMessage{Request: inRoom, Message: "<hi>"})
	join, err := protocol.DecodeJoin(encode(outgoing{Action: protocol.ActionJoin, RoomID: "r", Since: int64(0), Heartbeat: 300}))
	is(join, err, protocol.Join{Request: inRoom, Since: &protocol.Point{}, Heartbeat: 5 * time.Minute})
	join, err = protocol.DecodeJoin(encode(outgoing{Action: protocol.ActionJoin, RoomID: "r"}))
	is(join, err, protocol.Join{Request: inRoom})
	history, err := protocol.DecodeHistory(encode(outgoing{Action: protocol.ActionHistory, RoomID: "r", Since: int64(7), Epoch: "e"}))
	is(history, err, protocol.HistoryRequest{Request: inRoom, Since: &protocol.Point{Seq: 7, Epoch: "e"}, Limit: protocol.DefaultHistory})
	history, err = protocol.DecodeHistory(encode(outgoing{Action: protocol.ActionHistory, RoomID: "r", Before: 8, Limit: 9}))
	is(history, err, protocol.HistoryRequest{Request: inRoom, Before: 8, Limit: 9})
	ping, err := protocol.DecodePing(encode(outgoing{Action: protocol.ActionPing, Rooms: []roomPosition{{"r", 0}}, Heartbeat: 1}))
	is(ping, err, protocol.Ping{Request: protocol.Request{ClientID: "c"}, Rooms: []protocol.Standpoint{{RoomID: "r"}}, Heartbeat: time.Second})
	inbox, err := protocol.DecodeInbox(encode(outgoing{Action: protocol.ActionInbox, Since: "n"}))
	is(inbox, err, protocol.InboxRequest{Request: protocol.Request{ClientID: "c"}, Since: "n"})
	ack, err := protocol.DecodeAckNotification(encode(outgoing{Action: protocol.ActionAckNotification, IDs: &[]string{}, DroppedUpTo: 8}))
	is(ack, err, protocol.AckNotification{Request: protocol.Request{ClientID: "c"}, IDs: []string{}, DroppedUpTo: 8})
	refresh, err := protocol.DecodeRefresh(encode(outgoing{Action: protocol.ActionRefresh, Token: "e30.e30.c2ln"}))
	is(refresh, err, protocol.Refresh{Request: protocol.Request{ClientID: "c"}, Token: "e30.e30.c2ln"})
	notify, err := protocol.DecodeNotify(encode(outgoing{Action: protocol.ActionNotify, UserIDs: []string{"bob"}, Notification: json.RawMessage("null")}))
	is(notify, err, protocol.Notify{Request: protocol.Request{ClientID: "c"}, UserIDs: []string{"bob"}, Notification: json.RawMessage("null")})
}
