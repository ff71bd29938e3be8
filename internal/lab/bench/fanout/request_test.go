package fanout

import (
	"strings"
	"testing"
)

func TestScanFindsWhereARequestEnds(t *testing.T) {
	t.Parallel()
	whole := "POST /prod/%40connections/Bench0000000042%3D HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: 5\r\n\r\nhello"
	for n := range len(whole) {
		if r, ok, err := scan([]byte(whole[:n])); ok || err != nil {
			t.Fatalf("of %d bytes: %+v, %v, %v", n, r, ok, err)
		}
	}
	r, ok, err := scan([]byte(whole + "POST /next"))
	if !ok || err != nil || r.body != 5 || r.size != len(whole) {
		t.Fatalf("got %+v, %v, %v", r, ok, err)
	}
	if n, ok := numberInPath(r.target); !ok || n != 42 {
		t.Errorf("the member is %d, %v", n, ok)
	}
}

func TestScanRefusesWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"hello\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: 1a\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", strings.Repeat("x", maxRequest+1),
	} {
		if r, ok, err := scan([]byte(text)); err == nil {
			t.Errorf("%.40q: %+v, %v", text, r, ok)
		}
	}
}

func TestMembersAreNumberedByTheirIDs(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 7, 99_999} {
		path := "/prod/@connections/" + connectionID(n)
		if got, ok := numberInPath([]byte(path)); !ok || got != n {
			t.Errorf("%s: %d, %v", path, got, ok)
		}
	}
	for _, path := range []string{"/prod/@connections/R0oXAdfD0kwCH6w=", "/prod/@connections/Bench12", "/prod/@connections/Bench00000000x1="} {
		if got, ok := numberInPath([]byte(path)); ok {
			t.Errorf("%s: %d", path, got)
		}
	}
}
