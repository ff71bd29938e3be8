package apigateway

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/http"
	"strconv"
)

const (
	service    = "execute-api"
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	timeFormat = "20060102T150405Z"
	dayFormat  = "20060102"

	contentType = "application/octet-stream" // as the SDK sends it
	userAgent   = "roomcast"
)

// write builds the request of a call, signed with the exchange's key at its time.
func (x *exchange) write(to stage, c call) {
	var date [len(timeFormat)]byte
	x.at.AppendFormat(date[:0], timeFormat)
	var signature [2 * sha256.Size]byte
	x.sign(signature[:], to, c, date[:])

	b := append(x.request[:0], c.method...)
	b = append(b, ' ')
	b = append(b, to.path...)
	b = appendEscaped(b, c.connectionID)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, to.host...)
	b = append(b, "\r\nUser-Agent: "+userAgent+"\r\nX-Amz-Date: "...)
	b = append(b, date[:]...)
	if token := x.key.credentials.SessionToken; token != "" {
		b = append(b, "\r\nX-Amz-Security-Token: "...)
		b = append(b, token...)
	}
	if c.method == http.MethodPost {
		b = append(b, "\r\nContent-Type: "+contentType+"\r\nContent-Length: "...)
		b = strconv.AppendInt(b, int64(len(c.frame.Data)), 10)
	}
	b = append(b, "\r\nAuthorization: "+algorithm+" Credential="...)
	b = append(b, x.key.credentials.AccessKeyID...)
	b = append(b, '/')
	b = append(b, x.key.scope...)
	b = append(b, ", SignedHeaders="...)
	b = x.appendSignedHeaders(b, c)
	b = append(b, ", Signature="...)
	b = append(b, signature[:]...)
	b = append(b, "\r\n\r\n"...)
	x.request = append(b, c.frame.Data...)
}

// sign writes the signature of a request in hexadecimal.
func (x *exchange) sign(into []byte, to stage, c call, date []byte) {
	b := append(x.canonical[:0], c.method...)
	b = append(b, '\n')
	b = append(b, to.signed...)
	b = appendEscapedTwice(b, c.connectionID)
	b = append(b, "\n\n"...) // no query string
	if c.method == http.MethodPost {
		if n := len(c.frame.Data); n > 0 {
			b = append(b, "content-length:"...)
			b = strconv.AppendInt(b, int64(n), 10)
			b = append(b, '\n')
		}
		b = append(b, "content-type:"+contentType+"\n"...)
	}
	b = append(b, "host:"...)
	b = append(b, to.host...)
	b = append(b, "\nx-amz-date:"...)
	b = append(b, date...)
	if token := x.key.credentials.SessionToken; token != "" {
		b = append(b, "\nx-amz-security-token:"...)
		b = append(b, token...)
	}
	b = append(b, "\n\n"...)
	b = x.appendSignedHeaders(b, c)
	b = append(b, '\n')
	b = append(b, c.frame.Hash...)
	sum := sha256.Sum256(b)

	b = append(b[:0], algorithm+"\n"...)
	b = append(b, date...)
	b = append(b, '\n')
	b = append(b, x.key.scope...)
	b = append(b, '\n')
	b = hex.AppendEncode(b, sum[:])
	x.canonical = b

	mac := x.key.macs.Get().(hash.Hash)
	mac.Reset()
	mac.Write(b)
	x.canonical = mac.Sum(x.canonical)
	hex.Encode(into, x.canonical[len(b):])
	x.key.macs.Put(mac)
}

// appendSignedHeaders appends the names of the signed headers: all headers of the
// request that the SDK signs.
func (x *exchange) appendSignedHeaders(b []byte, c call) []byte {
	if c.method == http.MethodPost {
		if len(c.frame.Data) > 0 {
			b = append(b, "content-length;"...)
		}
		b = append(b, "content-type;"...)
	}
	b = append(b, "host;x-amz-date"...)
	if x.key.credentials.SessionToken != "" {
		b = append(b, ";x-amz-security-token"...)
	}
	return b
}
