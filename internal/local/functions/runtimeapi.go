package functions

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// The paths of the Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
const (
	initErrorPath  = "/2018-06-01/runtime/init/error"
	invocationPath = "/2018-06-01/runtime/invocation/"
)

// ServeHTTP serves the Runtime API to the sandbox's process. Web pages can reach
// its port too. They are refused by the Origin that browsers send, or by a Host
// that is a domain name.
func (s *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	<-s.launched
	if r.Host != s.address || len(r.Header.Values("Origin")) > 0 {
		refuse(w, http.StatusForbidden, "Forbidden", "the Runtime API is only for the function's process")
		return
	}
	if r.URL.Path == initErrorPath && r.Method == http.MethodPost {
		s.serveInitError(w, r)
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, invocationPath)
	id, what, _ := strings.Cut(rest, "/")
	switch {
	case !ok:
		http.NotFound(w, r)
	case rest == "next" && r.Method == http.MethodGet:
		s.serveNext(w, r)
	case what == "response" && r.Method == http.MethodPost:
		s.serveResponse(w, r, id, "")
	case what == "error" && r.Method == http.MethodPost:
		s.serveResponse(w, r, id, unhandled)
	default:
		http.NotFound(w, r)
	}
}

// serveNext handles a request for the next invocation, which means that the sandbox
// has finished the previous one.
func (s *sandbox) serveNext(w http.ResponseWriter, r *http.Request) {
	if !s.awaitThaw(r.Context()) {
		return // the process has ended
	}
	if !s.function.ready(s) {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the invocation has no response yet")
		return
	}
	select {
	case inv := <-s.next:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", strconv.Itoa(len(inv.payload)))
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", s.function.config.ARN())
		h.Set("Lambda-Runtime-Trace-Id", inv.traceID)
		_, _ = w.Write(inv.payload) // the end of the process is handled elsewhere
	case <-r.Context().Done(): // the process has ended
	}
}

// serveResponse handles the handler's result or error.
func (s *sandbox) serveResponse(w http.ResponseWriter, r *http.Request, id, functionError string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPayload))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		body, functionError = responseTooLarge(id), unhandled
	case err != nil:
		return // the process has ended
	}
	// A handler that fails while streaming reports it in a trailer.
	if r.Trailer.Get("Lambda-Runtime-Function-Error-Type") != "" {
		functionError = unhandled
		if late, err := base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body")); err == nil {
			body = late
		}
	}

	s.function.mu.Lock()
	known := s.current != nil && s.current.id == id
	if known {
		s.finish(body, functionError)
	}
	s.function.mu.Unlock()
	switch {
	case !known:
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "no invocation with this ID is running")
	case tooLarge != nil:
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "the response is too large")
	default:
		accept(w)
	}
}

// serveInitError handles the error of a process that cannot start working.
func (s *sandbox) serveInitError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPayload))
	if err != nil {
		return // the process has ended
	}
	s.function.mu.Lock()
	defer s.function.mu.Unlock()
	if s.state != starting {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the initialisation has ended")
		return
	}
	s.initError = body
	accept(w)
	_ = http.NewResponseController(w).Flush() // before the process is killed
	s.process.Kill()
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, errorType, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(failure{Type: errorType, Message: message})
}
