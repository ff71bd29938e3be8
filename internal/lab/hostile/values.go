package hostile

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// units are the building blocks of texts. They differ in their number of bytes in
// UTF-8 and in JSON, or are not allowed in some place.
var units = []string{
	"x", "é", "語", "😀", " ", `"`, `\`, "<", "\u2028", "\u0085", "\x01", "\x7f", "\x00", "\n", "�",
	"\xff", "\xed\xa0\x80", "\xc3", "e\u0301", "\u202e", "{", "]", "$",
}

// sizes are the lengths of texts: the limits of the protocol and values around them.
var sizes = []int{0, 1, 2, 31, 33, 60, 63, 64, 65, 127, 128, 129, 1000, 4096, 4097, 5461, 8192, 16382, 16384, 16385, 28672, 32768, 40000, 200000}

// text returns a random text.
func text(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0: // a valid name
		return "name-" + string(rune('a'+r.IntN(26)))
	case 1: // bytes
		b := make([]byte, r.IntN(200))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return string(b)
	case 2: // a mixture
		var b strings.Builder
		for range r.IntN(40) {
			b.WriteString(pick(r, units))
		}
		return b.String()
	default:
		return strings.Repeat(pick(r, units), pick(r, sizes)/len(pick(r, []string{"x", "four"})))
	}
}

// broken cannot be encoded: its method fails or panics.
type broken struct{ panics bool }

func (b broken) MarshalJSON() ([]byte, error) {
	if b.panics {
		panic("cannot be encoded")
	}
	return nil, errors.New("cannot be encoded")
}

// value returns a random value of at most a depth.
func value(r *rand.Rand, depth int) any {
	kinds := 16
	if depth == 0 {
		kinds = 13
	}
	switch r.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return r.Int64()
	case 3:
		return pick(r, []float64{0, -0.5, 1e308, math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64})
	case 4:
		return json.RawMessage(text(r))
	case 5:
		return json.RawMessage(pick(r, []string{`"\ud800"`, `"\ude00\ud83d"`, `{"a":1,"a":2}`, `[1,]`, `{}x`, `null`, strings.Repeat("[", 40) + strings.Repeat("]", 40), `1e999`, `"\u0000"`}))
	case 6:
		return pick(r, []any{make(chan int), func() {}, complex(1, 2), broken{}, broken{panics: true}, &broken{panics: true}, errors.New("no value"), time.Time{}})
	case 7:
		cycle := map[string]any{}
		cycle["self"] = []any{cycle}
		return cycle
	case 8:
		return map[any]any{1: 2}
	case 9:
		return []byte(text(r))
	case 10:
		return struct {
			Action, ClientID, Type string
			V                      any `json:"v,omitempty"`
		}{text(r), text(r), text(r), nil}
	case 11:
		return json.Number(text(r))
	case 12:
		return text(r)
	case 13:
		list := make([]any, r.IntN(10))
		for i := range list {
			list[i] = value(r, depth-1)
		}
		return list
	case 14:
		object := map[string]any{}
		for range r.IntN(10) {
			object[pick(r, []string{text(r), "roomId", "message", "action", "clientId", "type", "seq"})] = value(r, depth-1)
		}
		return object
	default:
		nested := value(r, 0)
		for range pick(r, []int{5, 28, 30, 31, 32, 100, 2000}) {
			nested = []any{nested}
		}
		return nested
	}
}

// number returns a random number, often one near a limit.
func number(r *rand.Rand) int64 {
	return pick(r, []int64{0, 1, -1, 2, 7, 100, 101, 1 << 31, 1<<53 - 1, 1 << 53, math.MaxInt64, math.MinInt64, r.Int64N(200)})
}

// place returns a random coordinate.
func place(r *rand.Rand) float64 {
	return pick(r, []float64{0, 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, r.Float64()})
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
