package chaos

import "slices"

// checkPresence compares the presence at the end of the run with the clients
// that are connected.
func checkPresence(h *History, found *findings) {
	for _, room := range sorted(h.Expected) {
		for _, user := range h.Present[room] {
			if !slices.Contains(h.Expected[room], user) {
				found.add(Violation{Kind: Ghost, Room: room, Client: user}, "%s is listed in %s but has no connection there", user, room)
			}
		}
		for _, user := range h.Expected[room] {
			if !slices.Contains(h.Present[room], user) {
				found.add(Violation{Kind: Overlooked, Room: room, Client: user}, "%s is in %s but is not listed there", user, room)
			}
		}
	}
}
