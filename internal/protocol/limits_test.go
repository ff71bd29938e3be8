package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
)

// TestLimits tries each limit at its edge and one past it.
func TestLimits(t *testing.T) {
	t.Parallel()
	users := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = strings.Repeat("u", i%MaxName+1)
		}
		return list
	}
	rooms := func(n int) []map[string]any {
		list := make([]map[string]any, n)
		for i := range list {
			list[i] = map[string]any{"roomId": fmt.Sprint("room ", i), "seq": i}
		}
		return list
	}
	tests := []struct {
		name  string
		base  map[string]any
		field string
		ok    any
		over  any
		want  Code
	}{
		{"roomId", map[string]any{"action": ActionJoin}, "roomId",
			strings.Repeat("é", MaxName), strings.Repeat("é", MaxName+1), CodeBadField},
		{"clientId", map[string]any{"action": ActionPing}, "clientId",
			strings.Repeat("c", MaxClientID), strings.Repeat("c", MaxClientID+1), CodeBadField},
		{"message", map[string]any{"action": ActionSendMessage}, "message",
			strings.Repeat("m", MaxMessage), strings.Repeat("m", MaxMessage+1), CodeMessageTooLarge},
		{"message in bytes", map[string]any{"action": ActionSendMessage}, "message",
			strings.Repeat("é", MaxMessage/2), strings.Repeat("é", MaxMessage/2+1), CodeMessageTooLarge},
		{"notification", map[string]any{"action": ActionNotify, "userId": "bob"}, "notification",
			strings.Repeat("n", MaxNotification-2), strings.Repeat("n", MaxNotification-1), CodeMessageTooLarge},
		{"userId", map[string]any{"action": ActionNotify, "notification": 1}, "userId",
			strings.Repeat("u", MaxName), strings.Repeat("u", MaxName+1), CodeBadField},
		{"userIds", map[string]any{"action": ActionNotify, "notification": 1}, "userIds",
			users(MaxUserIDs), users(MaxUserIDs + 1), CodeBadField},
		{"color", map[string]any{"action": ActionCursorMove, "position": map[string]int{"x": 1, "y": 2}}, "color",
			strings.Repeat("c", MaxColor), strings.Repeat("c", MaxColor+1), CodeBadField},
		{"epoch", map[string]any{"action": ActionJoin, "roomId": "lobby"}, "epoch",
			strings.Repeat("e", MaxEpoch), strings.Repeat("e", MaxEpoch+1), CodeBadField},
		{"message in JSON", map[string]any{"action": ActionSendMessage}, "message",
			strings.Repeat("\x00", (MaxEncoded-2)/6), strings.Repeat("\x00", MaxEncoded/6+1), CodeMessageTooLarge},
		{"limit", map[string]any{"action": ActionHistory}, "limit", MaxHistory, MaxHistory + 1, CodeBadField},
		{"heartbeat", map[string]any{"action": ActionPing}, "heartbeat", MaxHeartbeat, MaxHeartbeat + 1, CodeBadField},
		{"ids", map[string]any{"action": ActionAckNotification}, "ids", users(MaxAckIDs)[:60], users(MaxAckIDs + 1), CodeBadField},
		{"rooms", map[string]any{"action": ActionPing}, "rooms", rooms(MaxPingRooms), rooms(MaxPingRooms + 1), CodeBadField},
		{"since of an inbox", map[string]any{"action": ActionInbox}, "since",
			strings.Repeat("i", MaxNotificationID), strings.Repeat("i", MaxNotificationID+1), CodeBadField},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			decode := func(value any) error {
				frame := maps.Clone(test.base)
				frame[test.field] = value
				body, err := json.Marshal(frame)
				if err != nil {
					t.Fatal(err)
				}
				_, err = decodeAny(body)
				return err
			}
			if err := decode(test.ok); err != nil {
				t.Errorf("at the limit: %v, want no error", err)
			}
			var e *Error
			if err := decode(test.over); !errors.As(err, &e) || e.Code != test.want || !strings.HasPrefix(e.Message, test.field) {
				t.Errorf("over the limit: %v, want %s that begins with %q", err, test.want, test.field)
			}
		})
	}
}

func TestDeepNestingIsCheap(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		strings.Repeat("[", 128<<10),
		strings.Repeat(`{"a":`, 25<<10),
		`{"action":"notify","notification":` + strings.Repeat("[", 60<<10) + strings.Repeat("]", 60<<10) + "}",
	} {
		var e *Error
		if _, err := decodeAny([]byte(body)); !errors.As(err, &e) || e.Code != CodeBadFrame {
			t.Errorf("decoding %.20s…: %v, want %s", body, err, CodeBadFrame)
		}
	}
	if deeperThan([]byte(`{"a":"[[[[\"[[["}`), 1) {
		t.Error("brackets in a string counted as nesting")
	}
}

func TestDecodeConnect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		query      map[string]string
		user, room string
		userErr    string
		roomErr    string
	}{
		{"user and room", map[string]string{"userId": "ada", "roomId": "lobby"}, "ada", "lobby", "", ""},
		{"user only", map[string]string{"userId": "ada"}, "ada", "", "", ""},
		{"nothing", nil, "", "", "userId: is missing", ""},
		{"empty user", map[string]string{"userId": ""}, "", "", "userId: must be 1 to 128 characters, got 0", ""},
		{"empty room", map[string]string{"userId": "ada", "roomId": ""}, "ada", "", "", "roomId: must be 1 to 128"},
		{"long room", map[string]string{"userId": "ada", "roomId": strings.Repeat("r", 300)}, "ada", "", "", "got 300"},
		{"control", map[string]string{"userId": "a\nb"}, "", "", "userId: must not contain control characters", ""},
		{"replaced", map[string]string{"userId": "a\ufffd", "roomId": "b\ufffd"}, "", "", "userId: must be valid UTF-8", "roomId: must be valid UTF-8"},
		{"not UTF-8", map[string]string{"userId": "a\xff", "roomId": "\xff"}, "", "", "userId: must be valid UTF-8", "roomId: must be valid UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := DecodeConnect(test.query)
			if got.RoomID != test.room || !says(err, test.roomErr) {
				t.Errorf("got %+v, %v, want room %q and error %q", got, err, test.room, test.roomErr)
			}
			user, e := DecodeUserID(test.query)
			if err := asError(e); user != test.user || !says(err, test.userErr) {
				t.Errorf("got %q, %v, want user %q and error %q", user, err, test.user, test.userErr)
			}
		})
	}
}

// says reports whether an error is one with a text, or none where there is no text.
func says(err error, text string) bool {
	return err == nil && text == "" || err != nil && text != "" && strings.Contains(err.Error(), text)
}
