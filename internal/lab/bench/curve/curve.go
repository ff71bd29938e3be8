package curve

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"math"
	"strconv"

	"github.com/roomcast/roomcast/internal/lab/bench/fanout"
)

// The picture's size, and where in it the plot is, in pixels.
const (
	width, height            = 720, 420
	left, right, top, bottom = 70, 690, 50, 360
)

// line is one of the picture's two.
type line struct {
	Class  string
	Points string
	Dots   []dot
}

type dot struct {
	X, Y  float64
	Label string
	// Right says that the label stands at the right of the dot.
	Right bool
}

// tick is a mark on an axis.
type tick struct {
	At    float64
	Label string
}

type picture struct {
	Width, Height, Left, Right, Top, Bottom int
	Title, Below                            string
	X, Y                                    []tick
	Lines                                   []line
}

// SVG draws a result on logarithmic axes. The colours follow the reader's
// setting for light or dark.
func SVG(r fanout.Result) ([]byte, error) {
	if len(r.Sizes) < 2 {
		return nil, errors.New("bench curve: a curve takes two sizes or more: run bench fanout with --members 10,100,1000")
	}
	least, most := math.Inf(1), math.Inf(-1)
	for _, s := range r.Sizes {
		if s.Members < 1 || s.Wall.P50 <= 0 {
			return nil, fmt.Errorf("bench curve: the result for %d members has no time", s.Members)
		}
		least, most = min(least, s.Wall.P50), max(most, s.Wall.P50)
		if s.Posts != nil && s.Posts.Floor.P50 > 0 {
			least, most = min(least, s.Posts.Floor.P50), max(most, s.Posts.Floor.P50)
		}
	}
	x := axis{from: math.Floor(math.Log10(float64(r.Sizes[0].Members))), to: math.Ceil(math.Log10(float64(r.Sizes[len(r.Sizes)-1].Members))), at: left, end: right}
	y := axis{from: math.Floor(math.Log10(least)), to: math.Ceil(math.Log10(most)), at: bottom, end: top}
	message, floor := line{Class: "message"}, line{Class: "floor"}
	for _, s := range r.Sizes {
		message.add(x.place(float64(s.Members)), y.place(s.Wall.P50), duration(s.Wall.P50))
		if s.Posts != nil && s.Posts.Floor.P50 > 0 {
			floor.add(x.place(float64(s.Members)), y.place(s.Posts.Floor.P50), "")
		}
	}
	p := picture{
		Width: width, Height: height, Left: left, Right: right, Top: top, Bottom: bottom,
		Title: "From send to last delivery, by members of the room",
		Below: fmt.Sprintf("members; %g ms a post, %d CPUs for everything, local cloud", r.PostLatency, r.CPUs),
		X:     x.ticks(func(v float64) string { return count(int(v)) }), Y: y.ticks(duration),
		Lines: []line{floor, message},
	}
	var b bytes.Buffer
	if err := drawing.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("bench curve: %w", err)
	}
	return b.Bytes(), nil
}

func (l *line) add(x, y float64, label string) {
	l.Points += fmt.Sprintf("%.1f,%.1f ", x, y)
	// That of the first dot would stand on the axis.
	l.Dots = append(l.Dots, dot{X: x, Y: y, Label: label, Right: len(l.Dots) == 0})
}

// axis is a logarithmic one, between powers of ten.
type axis struct {
	from, to float64
	at, end  float64 // pixels
}

func (a axis) place(v float64) float64 {
	span := max(a.to-a.from, 1)
	return math.Round(10*(a.at+(a.end-a.at)*(math.Log10(v)-a.from)/span)) / 10
}

// ticks marks every power of ten.
func (a axis) ticks(label func(float64) string) []tick {
	var all []tick
	for power := a.from; power <= max(a.to, a.from+1); power++ {
		v := math.Pow(10, power)
		all = append(all, tick{At: a.place(v), Label: label(v)})
	}
	return all
}

// duration writes milliseconds as a person would.
func duration(ms float64) string {
	if ms >= 1000 {
		return strconv.FormatFloat(ms/1000, 'g', 2, 64) + " s"
	}
	return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
}

// count writes a number with commas.
func count(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}

// drawing is the picture.
var drawing = template.Must(template.New("svg").Parse(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{.Width}} {{.Height}}" role="img" aria-label="{{.Title}}">
<style>
  svg { font: 13px system-ui, sans-serif; --ink: #1f2328; --faint: #d0d7de; --message: #0969da; --floor: #6e7781; }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --faint: #30363d; --message: #58a6ff; --floor: #8b949e; } }
  text { fill: var(--ink); }
  .title { font-size: 15px; font-weight: 600; }
  .grid { stroke: var(--faint); }
  polyline { fill: none; stroke-width: 2.5; }
  .message { stroke: var(--message); } .floor { stroke: var(--floor); stroke-dasharray: 6 4; }
  circle.message { fill: var(--message); } circle.floor { fill: var(--floor); }
</style>
<text class="title" x="{{.Left}}" y="24">{{.Title}}</text>
{{range .X}}<line class="grid" x1="{{.At}}" x2="{{.At}}" y1="{{$.Top}}" y2="{{$.Bottom}}"/><text x="{{.At}}" y="{{$.Bottom}}" dy="20" text-anchor="middle">{{.Label}}</text>
{{end}}{{range .Y}}<line class="grid" x1="{{$.Left}}" x2="{{$.Right}}" y1="{{.At}}" y2="{{.At}}"/><text x="{{$.Left}}" y="{{.At}}" dx="-8" dy="4" text-anchor="end">{{.Label}}</text>
{{end}}{{range .Lines}}{{$class := .Class}}<polyline class="{{$class}}" points="{{.Points}}"/>
{{range .Dots}}<circle class="{{$class}}" cx="{{.X}}" cy="{{.Y}}" r="4"/>{{if .Label}}<text x="{{.X}}" y="{{.Y}}" dx="{{if .Right}}8{{else}}-8{{end}}" dy="-8"{{if not .Right}} text-anchor="end"{{end}}>{{.Label}}</text>{{end}}
{{end}}{{end}}<line class="message" x1="90" x2="120" y1="68" y2="68" stroke-width="2.5"/><text x="128" y="72">Roomcast</text>
<line class="floor" x1="90" x2="120" y1="90" y2="90" stroke-width="2.5"/><text x="128" y="94">floor: the same posts on raw sockets, nothing else</text>
<text x="{{.Left}}" y="406">{{.Below}}</text>
</svg>
`))
