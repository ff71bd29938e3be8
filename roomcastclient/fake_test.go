package roomcastclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/protocol"
)

// request is a frame that the fake server received.
type request struct {
	Action, ClientID, RoomID, Message, Epoch string
	Since                                    any
	Heartbeat                                int
	Rooms                                    []protocol.RoomState
	UserIDs                                  []string
	Notification                             json.RawMessage
	IDs                                      []string
	Limit                                    int
	Before, DroppedUpTo                      int64
	Position                                 protocol.Position
	Color                                    string
	Token                                    string

	raw []byte    // the frame
	on  int       // which connection, from 1
	at  time.Time // when it came
}

// server is a fake Roomcast stack with one user. It follows the protocol unless
// script says otherwise. It listens on pipes, so it works in a synctest bubble, where
// time passes only when every goroutine is blocked.
type server struct {
	// script may answer a request in place of the server, and returns whether it
	// did. It is called with the lock held.
	script func(p *peer, r request) bool
	// lose reports whether a live message gets lost.
	lose func(p *peer, m protocol.Message) bool
	// page is the maximum number of messages of a replay.
	page int
	// devices is how many connections the user may have, 0 for any number.
	devices int
	// places is how many members a room may have, 0 for any number.
	places int
	// limit is how many bytes a frame may have, 0 for any number. A larger one
	// closes its connection with 1009.
	limit int
	// large counts the frames that were too large.
	large int
	// stall blocks the reading of a connection until it returns.
	stall func(p *peer)
	// closing closes each connection as soon as it is open.
	closing bool
	// withoutHistory means that nobody may read the history: a join replays
	// nothing.
	withoutHistory bool

	listener *pipes
	http     http.Server

	clock sync.Mutex // guards the clock of a test

	mu       sync.Mutex
	peers    []*peer
	refuse   bool // refuses handshakes
	requests []request
	dials    []time.Time
	rooms    map[string]*roomLog
	inbox    []protocol.Notification
	dropped  int64
	tokens   map[string]time.Time // when each expires, nil with open authentication
	revoked  []string             // rooms that the next refresh does not permit
}

// handshake is what a client sent to connect.
type handshake struct{ token, query, protocols string }

// peer is one connection to the fake server.
type peer struct {
	server       *server
	socket       *websocket.Conn
	number       int
	out          chan []byte
	closed       bool
	deaf         bool // what it sends is ignored
	mute         bool // what is posted to it gets lost
	handshake    handshake
	tokenExpires time.Time // its token
}

func newServer() *server {
	s := &server{page: 100, listener: &pipes{conns: make(chan net.Conn), done: make(chan struct{})}, rooms: map[string]*roomLog{}}
	s.http.Handler = s
	go func() { _ = s.http.Serve(s.listener) }()
	return s
}

func (s *server) close() {
	s.locked(func() { s.cutAll() })
	_ = s.http.Close()
}

func (s *server) locked(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// client returns an HTTP client that dials the server.
func (s *server) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return s.listener.dial(ctx)
	}}}
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	said := parseHandshake(r)
	status := http.StatusSwitchingProtocols
	var ends time.Time
	s.locked(func() {
		s.dials = append(s.dials, time.Now())
		ends = s.tokens[said.token]
		switch {
		case s.refuse:
			status = http.StatusServiceUnavailable
		case s.devices > 0 && s.open() >= s.devices:
			status = http.StatusTooManyRequests
		case s.tokens != nil && !ends.After(time.Now()):
			status = http.StatusUnauthorized
		}
	})
	if status != http.StatusSwitchingProtocols {
		w.WriteHeader(status)
		return
	}
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"roomcast"}})
	if err != nil {
		return
	}
	socket.SetReadLimit(-1)
	p := &peer{server: s, socket: socket, out: make(chan []byte, 10_000), handshake: said}
	s.locked(func() {
		s.peers = append(s.peers, p)
		p.number = len(s.peers)
		p.expireAt(ends)
		if s.closing {
			p.cut()
		}
	})
	go func() {
		for data := range p.out {
			if p.socket.Write(context.Background(), websocket.MessageText, data) != nil {
				return
			}
		}
	}()
	for {
		if stall := s.stalling(); stall != nil {
			stall(p)
		}
		_, data, err := socket.Read(context.Background())
		if err != nil {
			s.locked(p.cut)
			return
		}
		if s.limit > 0 && len(data) > s.limit {
			s.locked(func() { s.large++ })
			_ = socket.Close(websocket.StatusMessageTooBig, "")
			s.locked(p.cut)
			return
		}
		in := request{raw: data, on: p.number, at: time.Now()}
		var odd *json.UnmarshalTypeError // a field of a request of the application's own
		if err := json.Unmarshal(data, &in); err != nil && !errors.As(err, &odd) {
			panic(fmt.Sprintf("the client sent %s: %v", data, err))
		}
		s.locked(func() {
			if p.closed || p.deaf {
				return
			}
			s.requests = append(s.requests, in)
			if p.expired() && in.Action != protocol.ActionRefresh {
				p.refuse(in, protocol.CodeTokenExpired, 0)
				return
			}
			if s.script == nil || !s.script(p, in) {
				s.answer(p, in)
			}
		})
	}
}

func (s *server) stalling() (stall func(*peer)) {
	s.locked(func() { stall = s.stall })
	return stall
}

// cut ends a connection without a close frame. The caller holds the lock.
func (p *peer) cut() {
	if p.closed {
		return
	}
	p.closed = true
	close(p.out)
	for _, room := range p.server.rooms {
		delete(room.members, p)
	}
	go func() { _ = p.socket.CloseNow() }()
}

// open returns the number of open connections. The caller holds the lock.
func (s *server) open() (n int) {
	for _, p := range s.peers {
		if !p.closed {
			n++
		}
	}
	return n
}

func (s *server) cutAll() {
	for _, p := range s.peers {
		p.cut()
	}
}

// post sends a frame. The caller holds the lock.
func (p *peer) post(f protocol.Frame) {
	data, err := protocol.Encode(f)
	if err != nil {
		panic(err)
	}
	p.postRaw(string(data))
}

func (p *peer) postRaw(frame string) {
	if !p.closed && !p.mute {
		p.out <- []byte(frame)
	}
}

// broken is the frame of API Gateway when a function has failed.
const broken = `{"message":"Internal server error","connectionId":"c=","requestId":"r="}`

func (p *peer) refuse(r request, code protocol.Code, retry time.Duration) {
	e := protocol.Errorf(code, "as the test wants it")
	e.ClientID, e.RetryAfter = r.ClientID, retry
	p.post(e.Frame())
}

// pipes is a listener in memory.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipes) dial(ctx context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.TCPAddr{} }
