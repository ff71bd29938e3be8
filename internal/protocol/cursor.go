package protocol

import "encoding/json"

// Position is where a cursor is: in a text (Line and Column) or on a canvas
// (X and Y). The other two are nil.
type Position struct {
	Line   *float64 `json:"line,omitempty"`
	Column *float64 `json:"column,omitempty"`
	X      *float64 `json:"x,omitempty"`
	Y      *float64 `json:"y,omitempty"`
}

// CursorMove asks to show the sender's cursor to the room.
type CursorMove struct {
	Request
	Position Position
	// Color is the cursor's color in CSS, "" for none.
	Color string
}

// DecodeCursorMove decodes the frame of a cursorMove.
func DecodeCursorMove(body []byte) (CursorMove, error) {
	o, err := parse(body)
	if err != nil {
		return CursorMove{}, err
	}
	c := CursorMove{Request: o.request(), Color: o.optionalText("color", 0, MaxColor)}
	if raw, ok := o.required("position"); ok && (json.Unmarshal(raw, &c.Position) != nil || !c.Position.whole()) {
		o.reject(Errorf(CodeBadField, "position: must be either {line, column} or {x, y}, each a number"))
	}
	return c, o.err()
}

// whole reports whether a position is completely in a text or on a canvas.
func (p Position) whole() bool {
	text := p.Line != nil && p.Column != nil
	canvas := p.X != nil && p.Y != nil
	halves := (p.Line != nil) != (p.Column != nil) || (p.X != nil) != (p.Y != nil)
	return text != canvas && !halves
}
