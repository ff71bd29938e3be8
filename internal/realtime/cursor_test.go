package realtime_test

import (
	"slices"
	"strings"
	"testing"
)

func TestCursorMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("c1", "ada", "doc")
	w.connect("c2", "ada", "doc")
	w.connect("c3", "bob", "doc")
	w.wantFrame(w.do("cursorMove", "c1", `{"action":"cursorMove","roomId":"doc","userId":"eve","position":{"line":5,"column":12},"color":"#db2777"}`), "")
	const want = `{"type":"cursor","roomId":"doc","userId":"ada","position":{"line":5,"column":12},"color":"#db2777","timestamp":1790000000123}`
	w.wantPosted("c1")
	w.wantPosted("c2", want)
	w.wantPosted("c3", want)
	if got := w.memory.Messages("doc"); len(got) != 0 {
		t.Errorf("a cursor was logged: %v", got)
	}
	got := w.do("cursorMove", "c1", `{"action":"cursorMove","position":{"line":5},"clientId":"x"}`)
	if b := encode(t, got); !strings.Contains(b, `"bad_field"`) || !slices.Equal(w.poster.Posted("c3"), []string{want}) {
		t.Errorf("half a position: got %s", b)
	}
}
