package protocol

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the decoder says into testdata/decode")

// separator is between the frame and its outcome.
const separator = "\n----------\n"

// TestDecodeGolden decodes the frame in each file of testdata/decode. Below the
// separator is the request, or the error frame that answers it.
func TestDecodeGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/decode/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files found: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			frame, want, _ := strings.Cut(string(content), separator)
			got := describeDecoded(t, []byte(frame))
			if *update {
				if err := os.WriteFile(file, []byte(frame+separator+got+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != strings.TrimSpace(want) {
				t.Errorf("decoding %s\n got: %s\nwant: %s", frame, got, want)
			}
		})
	}
}

// describeDecoded decodes a frame and puts the outcome into one line.
func describeDecoded(t *testing.T, frame []byte) string {
	t.Helper()
	request, err := decodeAny(frame)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("error %v is of type %T, want *Error", err, err)
		}
		out, err := Encode(e.Frame())
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	out, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// decodeAny decodes a frame with the decoder that its action selects, as API
// Gateway selects the route.
func decodeAny(frame []byte) (any, error) {
	var selector map[string]json.RawMessage
	var action string
	_ = json.Unmarshal(frame, &selector)
	_ = json.Unmarshal(selector["action"], &action)
	switch action {
	case ActionSendMessage:
		return DecodeSendMessage(frame)
	case ActionJoin:
		return DecodeJoin(frame)
	case ActionLeave:
		return DecodeLeave(frame)
	case ActionHistory:
		return DecodeHistory(frame)
	case ActionCursorMove:
		return DecodeCursorMove(frame)
	case ActionNotify:
		return DecodeNotify(frame)
	case ActionInbox:
		return DecodeInbox(frame)
	case ActionAckNotification:
		return DecodeAckNotification(frame)
	case ActionPresence:
		return DecodePresence(frame)
	case ActionPing:
		return DecodePing(frame)
	case ActionRefresh:
		return DecodeRefresh(frame)
	default:
		return nil, DecodeUnknown(frame)
	}
}
