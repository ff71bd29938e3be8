package realtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
)

func TestRunFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtime.Options) { o.Connections = broken{} })
	ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
	defer cancel()
	if err := w.Service.Run(ctx, realtime.Job{RoomID: "lobby", Seq: 1}); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the store's error", err)
	}
	if ctx.Err() != nil {
		t.Error("there was no time left to report the failure")
	}
}

func TestDecodeJob(t *testing.T) {
	t.Parallel()
	good := `{"roomId":"lobby","seq":1,"shard":0,"frame":"{}"}`
	j, err := realtime.DecodeJob([]byte(good))
	if err != nil || j.RoomID != "lobby" || j.Seq != 1 || j.Frame != "{}" {
		t.Errorf("got %+v, %v", j, err)
	}
	for _, bad := range []string{
		"", "{}", "[]",
		strings.Replace(good, `"lobby"`, `""`, 1),
		strings.Replace(good, `"seq":1`, `"seq":0`, 1),
		strings.Replace(good, `"shard":0`, `"shard":-1`, 1),
		strings.Replace(good, `"frame"`, `"fame"`, 1),
	} {
		if j, err := realtime.DecodeJob([]byte(bad)); err == nil {
			t.Errorf("%s: got %+v, want an error", bad, j)
		}
	}
}
