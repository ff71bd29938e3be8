package fanout

import (
	"strings"
	"testing"
	"time"
)

// Every client makes the posts it is asked for, each to another member, and
// says what they took.
func TestClientsPostToEveryMemberOnce(t *testing.T) {
	t.Parallel()
	counting, err := StartCounting(process("counting"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := counting.Stop(); err != nil {
			t.Error(err)
		}
	})
	posting := &posting{counting: counting, url: "http://" + counting.Address + "/prod", bytes: 100}
	if posting.child, err = startChild(process("posting"), &struct{}{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := posting.child.stop(); err != nil {
			t.Error(err)
		}
	})
	for _, client := range comparedClients {
		for range 2 {
			took, answer, err := posting.run(client, 300, 10)
			if err != nil {
				t.Fatalf("%s: %v", client, err)
			}
			count, err := counting.await(time.Second)
			if err != nil || count.Posts != 300 || count.Members != 300 || count.Bytes != 300*100 || count.MostInAir > 10 {
				t.Errorf("%s: %+v, %v", client, count, err)
			}
			// 300 posts, 10 at a time, of 2 ms each.
			if took < 60*time.Millisecond || answer.CPU <= 0 || answer.Mallocs == 0 {
				t.Errorf("%s: %v, %+v", client, took, answer)
			}
		}
	}
}

func TestAProcessThatIsNotOneOfTheBenchsIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := StartCounting(process("broken")); err == nil || !strings.Contains(err.Error(), "no JSON") {
		t.Errorf("got %v", err)
	}
}
