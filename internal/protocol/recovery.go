package protocol

import "time"

// Point is a position in a room's log: everything up to Seq.
type Point struct {
	Seq int64
	// Epoch names the log that Seq counts in. It may be "" if Seq is 0.
	Epoch string
}

// HistoryRequest asks for a part of a room's log: the messages after Since or,
// without it, those before a seq.
type HistoryRequest struct {
	Request
	// Since is the position from which to read forward, nil to read backward.
	Since *Point
	// Before is the seq that ends the messages, 0 for the newest.
	Before int64
	// Limit is the most messages to read backward.
	Limit int
}

// DecodeHistory decodes the frame of a history.
func DecodeHistory(body []byte) (HistoryRequest, error) {
	o, err := parse(body)
	if err != nil {
		return HistoryRequest{}, err
	}
	h := HistoryRequest{Request: o.request(), Since: o.point(), Limit: DefaultHistory}
	for _, field := range []string{"before", "limit"} {
		if _, ok := o.raw(field); ok && h.Since != nil {
			o.reject(Errorf(CodeBadField, "%s: must not be given together with since", field))
		}
	}
	if before, ok := o.whole("before", 1, maxSeq); ok {
		h.Before = before
	}
	if limit, ok := o.whole("limit", 1, MaxHistory); ok {
		h.Limit = int(limit)
	}
	return h, o.err()
}

// maxSeq is the largest whole number that every JSON reader keeps exactly.
const maxSeq = 1<<53 - 1

// point reads since and epoch.
func (o *object) point() *Point {
	epoch := o.optionalText("epoch", 0, MaxEpoch)
	since, ok := o.whole("since", 0, maxSeq)
	if !ok {
		return nil
	}
	if since > 0 && epoch == "" {
		o.reject(Errorf(CodeBadField, "epoch: is missing: a since counts in one epoch only"))
	}
	return &Point{Seq: since, Epoch: epoch}
}

// heartbeat reads how often a client promises to ping.
func (o *object) heartbeat() time.Duration {
	seconds, _ := o.whole("heartbeat", 1, MaxHeartbeat)
	return time.Duration(seconds) * time.Second
}
