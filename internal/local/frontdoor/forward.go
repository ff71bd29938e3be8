package frontdoor

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// forward passes the call on to its engine and the answer back. An error means
// that nothing has been answered yet; a caller that has gone is none.
func (f *FrontDoor) forward(c call, w http.ResponseWriter, r *http.Request) error {
	answer, err := f.ask(c, r)
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
	for name, values := range answer.Header {
		header[name] = values
	}
	dropHopByHop(header)
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // whoever broke off, the other has gone
}

// ask makes the call and counts it. The caller has to close the answer's body.
func (f *FrontDoor) ask(c call, r *http.Request) (*http.Response, error) {
	answer, err := f.roundTrip(c, r)
	if err != nil {
		return nil, err
	}
	count := f.counter(&c)
	if count == nil {
		return answer, nil
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // what could be read has been
	if err != nil {
		return nil, err
	}
	body = count(answer, body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return answer, nil
}

// roundTrip makes the call to the engine, or to the vault.
func (f *FrontDoor) roundTrip(c call, r *http.Request) (*http.Response, error) {
	if c.engine == nil {
		return f.askVault(c), nil
	}
	target := *r.URL
	target.Scheme, target.Host = c.engine.Scheme, c.engine.Host
	body, header := c.body, r.Header
	if f.counter(&c) != nil {
		// The answer has to be read.
		header.Set("Accept-Encoding", "identity")
		if c.service == "dynamodb" && !c.asksCapacity {
			body = askCapacity(body)
			header.Set("Content-Length", strconv.Itoa(len(body)))
		}
	}
	out := (&http.Request{
		Method: r.Method, URL: &target, Host: r.Host, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}).WithContext(r.Context())
	if len(body) == 0 {
		out.Body = http.NoBody
	}
	dropHopByHop(out.Header)
	return f.transport.RoundTrip(out)
}

// dropHopByHop removes what concerns one connection only.
func dropHopByHop(h http.Header) {
	for _, name := range [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		delete(h, name)
	}
}
