package realtime

import (
	"fmt"
	"testing"
	"time"
)

func TestMemo(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_790_000_000, 0)
	m := newMemo[string, int](3)
	m.put("a", 1, at.Add(time.Second))
	if v, ok := m.get("a", at); v != 1 || !ok {
		t.Errorf("got %v, %v", v, ok)
	}
	if _, ok := m.get("a", at.Add(time.Second)); ok {
		t.Error("it counts for too long")
	}
	for i := range 10 {
		m.put(fmt.Sprint(i), i, at.Add(time.Second))
		if len(m.known) > 3 {
			t.Fatalf("remembers %d", len(m.known))
		}
		if v, ok := m.get(fmt.Sprint(i), at); v != i || !ok {
			t.Errorf("%d: got %v, %v", i, v, ok)
		}
	}
}
