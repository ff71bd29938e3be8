package chaos

import (
	"context"
	"errors"
	"testing"

	"github.com/roomcast/roomcast/internal/queue"
	"github.com/roomcast/roomcast/internal/redrive"
)

type letters struct {
	redrive.DeadLetters
	err error
}

func (l letters) Delete(context.Context, queue.DeadLetter) error { return l.err }

// A dead letter that is removed is on record, also when it is not certain that
// it is; only what is certain is counted.
func TestRecordedLetters(t *testing.T) {
	t.Parallel()
	r := &run{struck: map[string]int{}}
	lost := errors.New("no answer")
	letter := queue.DeadLetter{Body: `{"roomId":"lobby","seq":7,"pending":[{"connectionId":"B","userId":"bob"}]}`}
	for _, want := range []error{nil, lost} {
		if err := (recordedLetters{letters{err: want}, r}).Delete(t.Context(), letter); !errors.Is(err, want) {
			t.Errorf("deleting ends with %v, want %v", err, want)
		}
	}
	if r.struck[Redriven] != 1 || len(r.history.Redriven) != 2 {
		t.Errorf("counted %d, recorded %+v", r.struck[Redriven], r.history.Redriven)
	}
	if j := r.history.Redriven[0]; j.RoomID != "lobby" || j.Seq != 7 || len(j.Pending) != 1 || j.Pending[0].ConnectionID != "B" {
		t.Errorf("recorded %+v", j)
	}
}

// What was redriven was on the books until then.
func TestARedrivenJobIsOnTheBooks(t *testing.T) {
	t.Parallel()
	h := good()
	h.Copies = map[string]int{entry(2).Text: 1}
	lose(h, "B", 2)
	h.DLQ, h.Redriven = nil, h.DLQ
	if found := Check(h); len(found) > 0 {
		t.Errorf("found %+v", found)
	}
	h.Redriven = nil
	if found := Check(h); len(found) == 0 {
		t.Error("a message that was never posted is on no books, and nothing is found")
	}
}
