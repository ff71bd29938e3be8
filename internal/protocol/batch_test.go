package protocol

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// sized returns a JSON string of this many bytes.
func sized(bytes int) []byte { return []byte(`"` + strings.Repeat("x", bytes-2) + `"`) }

func TestPack(t *testing.T) {
	t.Parallel()
	const around = len(batchStart) + len(batchEnd)
	for _, c := range []struct {
		name   string
		frames [][]byte
		n      int
		size   int
	}{
		{"one alone is itself", [][]byte{sized(10)}, 1, 10},
		{"one alone as large as may be", [][]byte{sized(MaxFrame)}, 1, MaxFrame},
		{"all that there are", [][]byte{sized(10), sized(20), sized(30)}, 3, around + 60 + 2},
		{"two that just fit", [][]byte{sized(10), sized(MaxFrame - around - 10 - 1)}, 2, MaxFrame},
		{"two that just do not", [][]byte{sized(10), sized(MaxFrame - around - 10)}, 1, 10},
		{"no more than fit", [][]byte{sized(10), sized(20), sized(MaxFrame), sized(30)}, 2, around + 30 + 1},
		{"a first that leaves no room", [][]byte{sized(MaxFrame - 1), sized(2)}, 1, MaxFrame - 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n, packed := Pack(c.frames)
			if n != c.n || len(packed) != c.size {
				t.Errorf("%d frames in %d bytes, want %d in %d", n, len(packed), c.n, c.size)
			}
		})
	}
}

// TestPackMakesABatch compares what Pack writes by hand with the frame's JSON.
func TestPackMakesABatch(t *testing.T) {
	t.Parallel()
	var frames [][]byte
	var batch Batch
	for _, frame := range []Frame{Message{RoomID: "a&b", Message: "<\u2028>"}, Cursor{RoomID: "lobby"}, Left{}} {
		data, err := Encode(frame)
		if err != nil {
			t.Fatal(err)
		}
		frames, batch.Frames = append(frames, data), append(batch.Frames, data)
	}
	want, err := Encode(batch)
	if err != nil {
		t.Fatal(err)
	}
	if n, got := Pack(frames); n != len(frames) || !bytes.Equal(got, want) {
		t.Errorf("%d frames packed as\n%s\nwant\n%s", n, got, want)
	}
}

// TestPackLeavesTheFramesAlone packs the same frames twice: other goroutines
// may be posting them.
func TestPackLeavesTheFramesAlone(t *testing.T) {
	t.Parallel()
	room := []byte(`{"a":1}{"b":2}`)
	frames := [][]byte{room[:7], room[7:]}
	Pack(frames)
	if _, packed := Pack(frames); string(packed) != `{"type":"batch","frames":[{"a":1},{"b":2}]}` {
		t.Errorf("packed again as %s", packed)
	}
}

// FuzzPack packs all lines of a text into frames of at most 32 KiB, which hold
// the same lines in the same order.
func FuzzPack(f *testing.F) {
	for _, text := range []string{
		"{}", "{\"type\":\"left\"}\n[1,2]\nnull", "broken\n{}", "", "\n\n", "]},\n\"",
		string(sized(MaxFrame)) + "\n1", strings.Repeat("{\"a\":\"b\"}\n", 5000), strings.Repeat(string(sized(1000))+"\n", 100),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var frames [][]byte
		for line := range bytes.SplitSeq(text, []byte("\n")) {
			if json.Valid(line) && len(line) <= MaxFrame {
				frames = append(frames, line)
			}
		}
		for len(frames) > 0 {
			n, packed := Pack(frames)
			if n < 1 || n > len(frames) || len(packed) > MaxFrame || !json.Valid(packed) {
				t.Fatalf("%d of %d frames packed in %d bytes: %q", n, len(frames), len(packed), packed)
			}
			checkPacked(t, frames[:n], packed)
			// One more would have been too much.
			if n < len(frames) && batchSize(frames[:n+1]) <= MaxFrame {
				t.Errorf("%d frames packed though %d fit", n, n+1)
			}
			frames = frames[n:]
		}
	})
}

// checkPacked compares packed frames with the original ones.
func checkPacked(t *testing.T, frames [][]byte, packed []byte) {
	t.Helper()
	if len(frames) == 1 {
		if !bytes.Equal(packed, frames[0]) {
			t.Errorf("one frame, %q, packed as %q", frames[0], packed)
		}
		return
	}
	var batch struct {
		Type string
		Batch
	}
	if err := json.Unmarshal(packed, &batch); err != nil || batch.Type != batch.Batch.Type() || len(batch.Frames) != len(frames) {
		t.Fatalf("%d frames packed as %q: %v", len(frames), packed, err)
	}
	for i, frame := range batch.Frames {
		// The decoder leaves out the white space around a value.
		if !bytes.Equal(frame, bytes.TrimSpace(frames[i])) {
			t.Errorf("frame %d is %q, want %q", i, frame, frames[i])
		}
	}
}

// batchSize returns the bytes of a batch of these frames.
func batchSize(frames [][]byte) int {
	return len(batchStart) + len(bytes.Join(frames, []byte(","))) + len(batchEnd)
}
