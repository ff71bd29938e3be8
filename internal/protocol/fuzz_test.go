package protocol

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzDecode decodes any input with every decoder: each returns a request that
// keeps the limits, or an error that can be sent.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/decode/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		frame, _, _ := strings.Cut(string(content), separator)
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if s, err := DecodeSendMessage(body); !failed(t, body, err) {
			if n := len(s.Message); n < 1 || n > MaxMessage {
				t.Errorf("message of %d bytes accepted", n)
			}
			if s.Quiet && s.ClientID != "" {
				t.Error("a frame with a clientId gets no ack")
			}
		}
		if j, err := DecodeJoin(body); !failed(t, body, err) && (CheckRoomID(j.RoomID) != nil || j.Since != nil && (j.Since.Seq < 0 || j.Since.Seq > 0 && j.Since.Epoch == "")) {
			t.Errorf("join %+v accepted", j)
		}
		if c, err := DecodeCursorMove(body); !failed(t, body, err) && !c.Position.whole() {
			t.Errorf("position %+v accepted", c.Position)
		}
		if n, err := DecodeNotify(body); !failed(t, body, err) {
			if _, err := CheckUserIDs(n.UserIDs); err != nil {
				t.Errorf("users %q accepted", n.UserIDs)
			}
			if out, err := Encode(Notification{Notification: n.Notification}); err != nil || !json.Valid(out) {
				t.Errorf("notification %q cannot be sent on: %v", n.Notification, err)
			}
		}
		if h, err := DecodeHistory(body); !failed(t, body, err) && (h.Limit < 1 || h.Limit > MaxHistory || h.Before < 0) {
			t.Errorf("history %+v accepted", h)
		}
		if p, err := DecodePing(body); !failed(t, body, err) {
			for _, room := range p.Rooms {
				if CheckRoomID(room.RoomID) != nil || room.Seq < 0 {
					t.Errorf("ping with %+v accepted", room)
				}
			}
		}
		if a, err := DecodeAckNotification(body); !failed(t, body, err) && (len(a.IDs) > MaxAckIDs || a.DroppedUpTo < 0 || len(a.IDs) == 0 && a.DroppedUpTo == 0) {
			t.Errorf("acknowledgement %+v accepted", a)
		}
		_, err := DecodeInbox(body)
		failed(t, body, err)
		_, err = DecodeLeave(body)
		failed(t, body, err)
		_, err = DecodePresence(body)
		failed(t, body, err)
		if r, err := DecodeRefresh(body); !failed(t, body, err) && (len(r.Token) < 1 || len(r.Token) > MaxToken) {
			t.Errorf("token of %d bytes accepted", len(r.Token))
		}
		failed(t, body, DecodeUnknown(body))
	})
}

// FuzzDecodeConnect decodes any query of a handshake: what is accepted keeps the
// limits of names.
func FuzzDecodeConnect(f *testing.F) {
	f.Add("lobby", "ada")
	f.Add("", "a\nb")
	f.Add("\x00", "\xff")
	f.Add("a\ufffd", "\xed\xa0\x80")
	f.Add(strings.Repeat("é", 129), strings.Repeat("u", 128))
	f.Fuzz(func(t *testing.T, roomID, userID string) {
		query := map[string]string{"roomId": roomID, "userId": userID}
		connect, err := DecodeConnect(query)
		if !failedQuery(t, err) && (connect.RoomID != roomID || CheckRoomID(roomID) != nil || strings.Contains(roomID, "\ufffd")) {
			t.Errorf("room %q is accepted as %q", roomID, connect.RoomID)
		}
		user, bad := DecodeUserID(query)
		if bad == nil && (user != userID || CheckUserID("userId", userID) != nil) {
			t.Errorf("user %q is accepted as %q", userID, user)
		}
	})
}

// failedQuery reports whether err is an error, and checks that it can be sent.
func failedQuery(t *testing.T, err error) bool {
	if err == nil {
		return false
	}
	var e *Error
	if !errors.As(err, &e) || e.Code != CodeBadField {
		t.Fatalf("got %v, want a bad field", err)
	}
	return true
}

// failed reports whether err is an error, and checks that it can be sent to a
// client.
func failed(t *testing.T, body []byte, err error) bool {
	if err == nil {
		if !json.Valid(body) {
			t.Errorf("accepted invalid JSON: %q", body)
		}
		return false
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v is of type %T, want *Error", err, err)
	}
	frame, encodeErr := Encode(e.Frame())
	if encodeErr != nil || !json.Valid(frame) || e.Code == "" || e.Message == "" {
		t.Errorf("error %+v makes the frame %s", e, frame)
	}
	return true
}
