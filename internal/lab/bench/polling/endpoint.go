package polling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// endpoint is what polls ask: each user's newest update. It is as frugal as
// HTTP allows: who has it already gets a 304 without a body, and no header is
// sent that is of no use.
type endpoint struct {
	mu      sync.Mutex
	updates map[string]update
}

// update is the newest one of a user.
type update struct {
	Seq  int    `json:"seq"`
	Text string `json:"text"`
}

// ServeHTTP answers GET /updates/{user}, and keeps what is put there.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user := r.URL.Path
	e.mu.Lock()
	defer e.mu.Unlock()
	if r.Method == http.MethodPut {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 32<<10))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		e.updates[user] = update{Seq: e.updates[user].Seq + 1, Text: string(text)}
		w.WriteHeader(http.StatusNoContent)
		return
	}
	u := e.updates[user]
	tag := `"` + strconv.Itoa(u.Seq) + `"`
	// nil keeps net/http from sending them.
	w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
	w.Header()["Etag"] = []string{tag}
	if r.Header.Get("If-None-Match") == tag || u.Seq == 0 {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_ = json.NewEncoder(w).Encode(u) // a client that is gone needs none
}

// endpointReady is the line that the endpoint's process writes.
type endpointReady struct {
	Address string `json:"address"` // host and port
}

// Serve is the process of the endpoint. It listens on the loopback, says where
// in a line of JSON on out, and returns at the end of in.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("bench polling: %w", err)
	}
	server := &http.Server{Handler: &endpoint{updates: map[string]update{}}, BaseContext: func(net.Listener) context.Context { return ctx }}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if err := json.NewEncoder(out).Encode(endpointReady{listener.Addr().String()}); err != nil {
		return errors.Join(fmt.Errorf("bench polling: %w", err), server.Close())
	}
	_, err = io.Copy(io.Discard, in)
	err = errors.Join(err, server.Close())
	if failed := <-served; !errors.Is(failed, http.ErrServerClosed) {
		err = errors.Join(err, failed)
	}
	return err
}
