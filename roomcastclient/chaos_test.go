package roomcastclient_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// Three clients talk while all kinds of failures happen. In the end each has every
// message once and in order, and nothing was sent twice.
func TestDeliveryUnderRandomFailures(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				random := rand.New(rand.NewPCG(seed, 2))
				s.page = 4
				s.lose = func(*peer, protocol.Message) bool { return random.IntN(5) == 0 }
				s.script = func(p *peer, r request) bool {
					switch random.IntN(20) {
					case 0:
						p.cut() // before it is carried out
					case 1:
						p.mute = true
						s.answer(p, r)
						p.mute = false
						p.cut()
					case 2:
						p.postRaw(broken)
					case 3:
						s.answer(p, r)
						p.postRaw(broken)
					case 4:
						p.refuse(r, protocol.CodeUnavailable, time.Duration(random.IntN(2000))*time.Millisecond)
					case 5:
						p.refuse(r, protocol.CodeNotConnected, 0)
						p.cut()
					case 6:
						delete(s.room("lobby").members, p) // a false 410
						s.answer(p, r)
					case 7: // no answer
					case 8:
						s.tombstone("lobby")
						s.answer(p, r)
					case 9:
						p.postRaw("")
						s.answer(p, r)
						s.answer(p, r) // twice
					default:
						return false
					}
					return true
				}
				s.say("lobby", "before")
				users := make([]*user, 3)
				for i := range users {
					users[i] = connect(t, s)
					users[i].join("lobby", roomcastclient.WithSince(roomcastclient.Position{}))
				}
				done := make(chan struct{})
				for i, u := range users {
					go func() {
						for n := range 40 {
							u.send("lobby", fmt.Sprintf("%d: %03d", i, n))
							time.Sleep(200 * time.Millisecond)
							if n%10 == 9 {
								_ = u.Rollover(t.Context())
							}
						}
						done <- struct{}{}
					}()
				}
				for range users {
					<-done
				}
				s.locked(func() { s.lose, s.script = nil, nil })
				sleep(10 * time.Minute) // a heartbeat finds what was lost last

				var want []string
				s.locked(func() {
					for _, m := range s.room("lobby").entries {
						if m.ID != "" {
							want = append(want, m.Message)
						}
					}
				})
				if len(want) != 1+3*40 {
					t.Errorf("%d messages in the log, want each once", len(want))
				}
				last := map[byte]string{}
				for _, text := range want[1:] {
					if text <= last[text[0]] {
						t.Errorf("%s was sent before %s", text, last[text[0]])
					}
					last[text[0]] = text
				}
				for i, u := range users {
					if got := u.texts("lobby"); !slices.Equal(got, want) {
						t.Errorf("client %d has %q\nwant %q", i, got, want)
					}
					for _, j := range u.joinedEvents() {
						if !j.Recovered {
							t.Errorf("client %d reported %+v", i, j)
						}
					}
				}
			})
		})
	}
}
