package protocol

import "encoding/json"

// Batch is frames that are sent as one, because API Gateway bills a message
// for each frame that is posted. They count one after the other, as if they
// had come alone. [Pack] makes one.
type Batch struct {
	// Frames are the frames' own JSON, in their order. None is a batch.
	Frames []json.RawMessage `json:"frames"`
}

// Type implements [Frame].
func (Batch) Type() string { return "batch" }

const (
	batchStart = `{"type":"batch","frames":[`
	batchEnd   = `]}`
)

// Pack returns how many of the frames, from the first on, go into one frame of
// at most [MaxFrame] bytes, and that frame: the first itself when it is alone,
// else a [Batch]. There has to be one at least, and none may be a batch.
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
