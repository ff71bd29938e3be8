package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcasttest"
)

type object = map[string]any

func TestMessagesReachTheirRoomAndNoOther(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("blue"))
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"))
	eve := stack.MustDial(t, roomcasttest.WithUser("eve"), roomcasttest.WithRoom("green"))

	bob.Send(object{"action": "join", "roomId": "blue", "clientId": "j1"})
	joined := bob.Await("joined")
	if joined.Text("roomId") != "blue" || joined.Number("seq") != 0 || joined.Text("clientId") != "j1" {
		t.Errorf("joined: %v", joined)
	}

	for n := 1; n <= 3; n++ {
		ada.Send(object{"action": "sendMessage", "message": fmt.Sprint("number ", n), "clientId": fmt.Sprint("c", n), "userId": "mallory"})
		ack := ada.Await("ack")
		if ack.Number("seq") != float64(n) || ack.Text("clientId") != fmt.Sprint("c", n) || ack.Text("roomId") != "blue" {
			t.Errorf("ack %d: %v", n, ack)
		}
		m := bob.Await("message")
		if m.Text("userId") != "ada" || m.Text("message") != fmt.Sprint("number ", n) || m.Text("id") != ack.Text("id") || m.Number("seq") != float64(n) {
			t.Errorf("message %d: %v for the ack %v", n, m, ack)
		}
	}
	if others := eve.Collect(200 * time.Millisecond); len(others) != 0 {
		t.Errorf("another room got %v", others)
	}

	bob.Send(object{"action": "leave", "roomId": "blue"})
	bob.Await("left")
	ada.Send(object{"action": "sendMessage", "message": "alone", "clientId": "c4"})
	ada.Await("ack")
	if after := bob.Collect(200 * time.Millisecond); len(after) != 0 {
		t.Errorf("after leaving bob got %v", after)
	}
	bob.Send(object{"action": "sendMessage", "roomId": "blue", "message": "let me in", "clientId": "c5"})
	if e := bob.Await("error"); e.Text("code") != "not_in_room" || e.Text("clientId") != "c5" {
		t.Errorf("sending to a room that was left: %v", e)
	}

	bob.Send(object{"action": "join", "roomId": "blue"})
	if again := bob.Await("joined"); again.Number("seq") != 4 {
		t.Errorf("joined again: %v", again)
	}
}

func TestARoomHasToBeNamedWhenThereAreTwo(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("one"))
	ada.Send(object{"action": "join", "roomId": "two"})
	ada.Await("joined")
	ada.Send(object{"action": "sendMessage", "message": "where?", "clientId": "c"})
	if e := ada.Await("error"); e.Text("code") != "room_required" {
		t.Errorf("got %v", e)
	}
	ada.Send(object{"action": "sendMessage", "roomId": "two", "message": "here", "clientId": "c"})
	if a := ada.Await("ack"); a.Text("roomId") != "two" {
		t.Errorf("got %v", a)
	}
}

func TestNotifyReachesEveryConnectionOfAUser(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"))
	phone := stack.MustDial(t, roomcasttest.WithUser("bob"))
	laptop := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("lobby"))

	ada.Send(object{"action": "notify", "userId": "bob", "notification": object{"text": "lunch?"}, "clientId": "n1"})
	if ack := ada.Await("ack"); ack.Number("delivered") != 2 || ack.Text("clientId") != "n1" {
		t.Errorf("ack: %v", ack)
	}
	for name, c := range map[string]*roomcasttest.Client{"phone": phone, "laptop": laptop} {
		f := c.Await("notification")
		body, _ := f["notification"].(map[string]any)
		if f.Text("from") != "ada" || body["text"] != "lunch?" || f.Text("id") == "" {
			t.Errorf("%s got %v", name, f)
		}
	}
	ada.Send(object{"action": "notify", "userIds": []string{"nobody", "ada"}, "notification": 7})
	if f := ada.Await("notification"); f["notification"] != 7.0 {
		t.Errorf("ada got %v", f)
	}
}

func TestPresenceAndPing(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("lobby"))
	stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("lobby"))

	ada.Send(object{"action": "presence"})
	if p := ada.Await("presence"); p.Number("count") != 2 || fmt.Sprint(p["users"]) != "[ada bob]" {
		t.Errorf("presence: %v", p)
	}
	ada.Send(object{"action": "ping", "clientId": "p"})
	if p := ada.Await("pong"); p.Text("clientId") != "p" || p.Number("timestamp") == 0 {
		t.Errorf("pong: %v", p)
	}

	// When a socket closes, its user leaves the room.
	bob.Close()
	roomcasttest.Eventually(t, "one bob is left", func() bool {
		ada.Send(object{"action": "presence"})
		return ada.Await("presence").Number("count") == 2 && len(stack.Items(t, connections, "ROOM#lobby#0")) == 2
	})
}

// A room over the direct limit (100) is delivered through the queue.
func TestALargeRoomIsDeliveredThroughTheQueue(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	members := make([]*roomcasttest.Client, 110)
	for i := range members {
		members[i] = stack.MustDial(t, roomcasttest.WithUser(fmt.Sprint("user", i)), roomcasttest.WithRoom("arena"))
	}
	for n := 1; n <= 3; n++ {
		members[0].Send(object{"action": "sendMessage", "message": fmt.Sprint(n), "clientId": fmt.Sprint(n)})
		members[0].Await("ack")
	}
	for i, c := range members {
		for n := 1; n <= 3; n++ {
			if i == 0 && n == 1 {
				continue // may have arrived before its ack, which Await waited for
			}
			if m := c.Await("message"); i != 0 && m.Text("message") != fmt.Sprint(n) {
				t.Fatalf("member %d got %v, want message %d: one connection sees one order", i, m, n)
			}
			if i == 0 {
				break
			}
		}
	}
	for _, c := range members[1:5] {
		if more := c.Collect(50 * time.Millisecond); len(more) != 0 {
			t.Errorf("more than the three messages came: %v", more)
		}
	}
}

func TestAConnectionThatIsGoneIsRemovedEverywhere(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	putGhost(t, stack, "Z2hvc3Q=", "casper", "lobby", time.Now().Add(-time.Minute))

	ada.Send(object{"action": "sendMessage", "message": "boo", "clientId": "c"})
	ada.Await("ack")
	roomcasttest.Eventually(t, "the ghost is reaped", func() bool {
		return len(stack.Items(t, connections, "ROOM#lobby#0")) == 1 && len(stack.Items(t, connections, "CONN#Z2hvc3Q=")) == 0 && len(stack.Items(t, connections, "USER#casper")) == 0
	})
}

func TestAnExpiredMemberIsNotSeen(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	putGhost(t, stack, "b2xk", "casper", "lobby", time.Now().Add(-3*time.Hour))
	ada.Send(object{"action": "presence"})
	if p := ada.Await("presence"); p.Number("count") != 1 {
		t.Errorf("presence counts an expired member: %v", p)
	}
}

func TestAMessageOfTheLargestSizeArrivesWhole(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	text := strings.Repeat("é", 8<<10)
	ada.Send(object{"action": "sendMessage", "message": text})
	if m := ada.AwaitFrame("message", func(f roomcasttest.Frame) bool { return f.Type() == "message" }); m.Text("message") != text {
		t.Errorf("got %d bytes of %d", len(m.Text("message")), len(text))
	}
}
