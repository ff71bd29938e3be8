package curve_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/lab/bench/curve"
	"github.com/roomcast/roomcast/internal/lab/bench/fanout"
)

func size(members int, wall, floor float64) fanout.Size {
	return fanout.Size{Members: members, Wall: fanout.Times{P50: wall}, Posts: &fanout.Posts{Floor: fanout.Times{P50: floor}}}
}

func TestSVGPlacesBothLinesOnLogarithmicAxes(t *testing.T) {
	t.Parallel()
	got, err := curve.SVG(fanout.Result{CPUs: 2, PostLatency: 5, Sizes: []fanout.Size{size(10, 10, 1), size(100, 20, 10), size(1000, 1000, 100)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		// 10 to 1,000 members from 70 to 690, 1 to 1,000 ms from 360 up to 50.
		`<polyline class="floor" points="70.0,360.0 380.0,256.7 690.0,153.3 "/>`,
		`<polyline class="message" points="70.0,256.7 380.0,225.6 690.0,50.0 "/>`,
		">1,000</text>", ">20 ms</text>", ">1 s</text>", "prefers-color-scheme: dark", "5 ms a post, 2 CPUs",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	for d := xml.NewDecoder(strings.NewReader(string(got))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestSVGRefusesWhatIsNoCurve(t *testing.T) {
	t.Parallel()
	for _, sizes := range [][]fanout.Size{nil, {size(10, 1, 1)}, {size(10, 1, 1), size(20, 0, 1)}} {
		if _, err := curve.SVG(fanout.Result{Sizes: sizes}); err == nil || !strings.Contains(err.Error(), "bench curve:") {
			t.Errorf("%v: %v", sizes, err)
		}
	}
}
