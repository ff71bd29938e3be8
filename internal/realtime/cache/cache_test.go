package cache

import (
	"fmt"
	"testing"
	"time"
)

func TestCache(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_790_000_000, 0)
	m := New[string, int](3)
	m.Put("a", 1, at.Add(time.Second))
	if v, ok := m.Get("a", at); v != 1 || !ok {
		t.Errorf("got %v, %v", v, ok)
	}
	if _, ok := m.Get("a", at.Add(time.Second)); ok {
		t.Error("it counts for too long")
	}
	for i := range 10 {
		m.Put(fmt.Sprint(i), i, at.Add(time.Second))
		if len(m.entries) > 3 {
			t.Fatalf("remembers %d", len(m.entries))
		}
		if v, ok := m.Get(fmt.Sprint(i), at); v != i || !ok {
			t.Errorf("%d: got %v, %v", i, v, ok)
		}
	}
}
