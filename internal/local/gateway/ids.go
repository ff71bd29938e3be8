package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// newID returns an id as API Gateway makes them for connections, requests and
// messages, such as "PJqB0E1tKRcF-Qw=": 11 bytes of URL-safe base64. The padding
// belongs to it, so an id has to be escaped in a path.
func newID() string {
	var b [11]byte
	rand.Read(b[:])
	return base64.URLEncoding.EncodeToString(b[:])
}

// isID reports whether s could be a connection id. AWS refuses anything else
// with 400 rather than 410, but does not publish its rule: this one is base64.
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
