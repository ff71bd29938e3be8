package protocol

import (
	"encoding/json"
	"testing"
)

func TestEncodeKeepsText(t *testing.T) {
	t.Parallel()
	got, err := Encode(Message{RoomID: "a&b", Message: "<b>\u2028\x00\"", Seq: 1})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"message","roomId":"a&b","seq":1,"id":"","userId":"","message":"<b>\u2028\u0000\"","timestamp":0}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEncodeRefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	if got, err := Encode(Notification{Notification: json.RawMessage("{")}); err == nil {
		t.Errorf("got %s, want an error", got)
	}
}
