package awsendpoint

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// forward passes the call on to its engine and the answer back. An error means that
// nothing was answered yet. A disconnected caller is not an error.
func (ep *Endpoint) forward(c call, w http.ResponseWriter, r *http.Request) error {
	answer, err := ep.ask(c, r)
	if err != nil {
		if r.Context().Err() != nil {
			return nil
		}
		return err
	}
	pass(answer, w)
	return nil
}

// pass passes an answer on to the caller.
func pass(answer *http.Response, w http.ResponseWriter) {
	defer answer.Body.Close()
	header := w.Header()
	maps.Copy(header, answer.Header)
	dropHopByHop(header)
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // one side has disconnected
}

// ask runs the call and meters it. The caller must close the answer's body.
func (ep *Endpoint) ask(c call, r *http.Request) (*http.Response, error) {
	answer, err := ep.roundTrip(c, r)
	if err != nil {
		return nil, err
	}
	count := ep.counter(&c)
	hasURLs := c.service == "sqs" && slices.Contains(givesURLs, c.operation)
	if count == nil && !hasURLs {
		return answer, nil
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // the body was read
	if err != nil {
		return nil, err
	}
	if count != nil {
		body = count(r, answer, body)
	}
	if hasURLs {
		body = ep.localURLs(body)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return answer, nil
}

// roundTrip sends the call to the engine, to the secret store, or outside. An
// engine gets the authorized body but no header of the caller, which could change
// its meaning.
func (ep *Endpoint) roundTrip(c call, r *http.Request) (*http.Response, error) {
	switch {
	case c.address != "":
		return ep.fetch(c, r)
	case c.engine == nil:
		return ep.askSecrets(c), nil
	}
	body := c.body
	if c.service == "dynamodb" && !c.asksCapacity && ep.counter(&c) != nil {
		body = askCapacity(body)
	}
	return ep.transport.RoundTrip((&http.Request{
		Method: http.MethodPost, URL: &url.URL{Scheme: c.engine.Scheme, Host: c.engine.Host, Path: "/"},
		Header: http.Header{
			"Content-Type":    {"application/x-amz-json-1.0"},
			"X-Amz-Target":    {c.target},
			"Accept-Encoding": {"identity"},
			// Engines require a signature but do not check it. Some keep separate
			// tables for each key and Region.
			"X-Amz-Date": {"20260101T000000Z"},
			"Authorization": {"AWS4-HMAC-SHA256 Credential=roomcast/20260101/" + ep.config.Region + "/" + c.service +
				"/aws4_request, SignedHeaders=host, Signature=0"},
		},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}).WithContext(r.Context()))
}

// dropHopByHop removes the headers of a single connection.
func dropHopByHop(h http.Header) {
	for _, name := range [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		delete(h, name)
	}
}
