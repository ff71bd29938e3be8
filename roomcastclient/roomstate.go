package roomcastclient

// roomState is a room that the client is in, or on its way into or out of. Its
// fields are guarded by the client's lock.
type roomState struct {
	id  string
	seq sequencer

	joined      Joined                // what OnJoined was last called with
	announce    bool                  // the next join is to be reported
	joining     []chan answer[Joined] // calls of Join that wait
	queuedTo    Position              // up to where callbacks are queued
	deliveredTo Position              // up to where OnMessage was called
	known       bool                  // deliveredTo is set

	outbox      []*pendingSend
	cursor      ownCursor
	newestMoves map[string]int64 // the server's time of each other user's newest move, ms since 1970

	leaving  bool
	left     chan struct{} // closed when the client is out of the room
	leaveErr error         // why it is out, nil after Leave

	noPlace     map[*connection]bool // where the room was full; the client tries again
	joinRetries int                  // times in a row that it was full

	gapTimer    *timer // requests what is missing
	gapAt       int64  // the last seq before the gap
	gapAttempts int    // requests in a row that brought nothing
}

func newRoomState(id string, since *Position) *roomState {
	return &roomState{
		id: id, seq: newSequencer(since), announce: true, left: make(chan struct{}),
		noPlace: map[*connection]bool{}, newestMoves: map[string]int64{},
	}
}

// needed reports whether the client still has to be in the room: it leaves only
// after its pending messages.
func (r *roomState) needed() bool { return !r.leaving || len(r.outbox) > 0 }

// position returns how far OnMessage was called with the messages of a room.
func (c *Client) position(roomID string) (Position, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[roomID]
	if r == nil || !r.known {
		return Position{}, false
	}
	return r.deliveredTo, true
}

// drop removes a room: the client has left it, or could not join it. Pending calls
// and messages fail. The caller holds c.mu.
func (c *Client) drop(r *roomState, why error) {
	delete(c.rooms, r.id)
	r.gapTimer.stop()
	r.cursor.wait.stop()
	r.leaveErr = why
	close(r.left)
	if why == nil {
		why = errLeft()
	}
	for _, answers := range r.joining {
		answers <- answer[Joined]{err: why}
	}
	c.failOutbox(r, why)
	for _, q := range c.requests {
		if q.requiredRoom == r.id {
			c.finish(q, nil, why)
		}
	}
	c.updateState()
}
