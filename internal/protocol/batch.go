package protocol

import "encoding/json"

// Batch holds several frames that are sent as one, because API Gateway bills
// each posted frame as a message. Clients handle them in order, as if each had
// arrived alone. [Pack] makes one.
type Batch struct {
	// Frames has the JSON of each frame, in order. None of them is a batch.
	Frames []json.RawMessage `json:"frames"`
}

// Type implements [Frame].
func (Batch) Type() string { return "batch" }

const (
	batchStart = `{"type":"batch","frames":[`
	batchEnd   = `]}`
)

// Pack returns how many of the frames, starting with the first, fit into one
// frame of at most [MaxFrame] bytes, and that frame: the first itself if it is
// alone, otherwise a [Batch]. There has to be at least one frame, and none may
// be a batch.
func Pack(frames [][]byte) (n int, packed []byte) {
	size := len(batchStart) + len(frames[0]) + len(batchEnd)
	for n = 1; n < len(frames); n++ {
		if size += len(",") + len(frames[n]); size > MaxFrame {
			break
		}
	}
	if n == 1 {
		return 1, frames[0]
	}
	packed = append(make([]byte, 0, MaxFrame), batchStart...)
	for i, frame := range frames[:n] {
		if i > 0 {
			packed = append(packed, ',')
		}
		packed = append(packed, frame...)
	}
	return n, append(packed, batchEnd...)
}
