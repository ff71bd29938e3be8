package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// newID returns an ID like API Gateway's IDs of connections, requests and messages,
// such as "PJqB0E1tKRcF-Qw=": 11 bytes of URL-safe base64 with padding. So it must
// be escaped in a path.
func newID() string {
	var b [11]byte
	rand.Read(b[:])
	return base64.URLEncoding.EncodeToString(b[:])
}

// isID reports whether s can be a connection ID. AWS answers other texts with 400
// rather than 410, but does not document its rule. Here it is base64.
func isID(s string) bool {
	_, err := base64.URLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(s))
	return s != "" && err == nil
}

// newTraceID returns the X-Amzn-Trace-Id header of a request that starts now.
func newTraceID(now time.Time) string {
	var b [12]byte
	rand.Read(b[:])
	return fmt.Sprintf("Root=1-%08x-%s", now.Unix(), hex.EncodeToString(b[:]))
}
