package chaos

import "time"

// History is what a run has seen: at the applications, at the gateway, and at
// the end in the tables and queues. Its times are those of the run's own clock.
// The timestamps of the server's frames are not: each function has a clock of
// its own, which may be wrong, so they are compared with each other only.
type History struct {
	// Devices are the clients by their names.
	Devices map[string]*Device
	// Sends are the messages that applications sent, in the order in which
	// each device sent them.
	Sends []*Send
	// Pages are the parts of the logs that applications read.
	Pages []Page
	// Notifies are the notifications that applications sent.
	Notifies []*Notify
	// Acknowledged are the notifications that an application acknowledged with
	// success, by user.
	Acknowledged map[string]map[string]bool
	// Logs are the rooms' logs at the end, in the order of seq, without voids.
	Logs map[string][]Entry
	// Guests are the connections that were spoken to by hand, Moves how they
	// moved their cursors.
	Guests []*Guest
	Moves  []Move
	// CursorsTwice are the batches that had a cursor more than once.
	CursorsTwice []CursorTwice
	// Limits are what the stack allows.
	Limits Limits
	// JoinAnswers are the answers to joins, with what was not in the log then.
	JoinAnswers []JoinAnswer
	// Retention is how many of its newest messages a room recovers.
	Retention int64
	// Inboxes are the users' inboxes at the end.
	Inboxes map[string]Inbox
	// Connections are those that the gateway saw, by id.
	Connections map[string]*Connection
	// Copies are how often the gateway got each message, by its text, Arrived
	// when it got the first copy.
	Copies  map[string]int
	Arrived map[string]time.Time
	// Deferred are the messages, by room and seq, of which a function has said
	// that it could not post them to every member, so that jobs are queued for the
	// others.
	Deferred map[string]map[int64]bool
	// Idle are times, in their order, since which the queue was found to be empty:
	// every job that was queued before had been carried out, or given up.
	Idle []time.Time
	// DLQ are the jobs that were given up, Queued those that still wait, and
	// Redriven those that were given up and then redriven.
	DLQ, Queued, Redriven []Job
	// Present are the users that the server says are in a room at the end, in
	// their order; Expected those that are.
	Present, Expected map[string][]string
	// Counts are the faults that were injected, by kind.
	Counts map[string]int
	// Rollovers are the planned rollovers that each device finished.
	Rollovers map[string]int
}

// Device is one client of a user. It outlives its connections, and the
// processes that it is closed and started as.
type Device struct {
	Name, User string
	// Events are what the application did and saw, in that order.
	Events []Event
	// Notified are the notifications that it got, Cursors where those of others
	// were.
	Notified []Notified
	Cursors  []CursorShown
	// HearsNotifications says that it asked for them.
	HearsNotifications bool
}

// EventKind says what an Event is.
type EventKind string

// The kinds of events of a device.
const (
	// AskedToJoin is the application's join; Seq is the position that it named,
	// -1 for none.
	AskedToJoin EventKind = "ask"
	// Joined is the client's word that it is in the room. Seq and Recovered
	// are those of the server's answer.
	Joined EventKind = "joined"
	// Got is a message that the application was given.
	Got EventKind = "got"
	// Left is the answer to the application's leave.
	Left EventKind = "left"
	// Away is when the application has closed its client, for a while.
	Away EventKind = "away"
)

// Event is something that the application of a device did or saw.
type Event struct {
	Kind EventKind
	At   time.Time
	Room string
	Seq  int64
	// ID and Text are the message's.
	ID, Text  string
	Recovered bool
}

// Outcome is what became of a request, as far as its sender knows.
type Outcome string

// The outcomes of a request.
const (
	// Open is a request that was never answered.
	Open Outcome = "open"
	// Acked is one that the server took.
	Acked Outcome = "acked"
	// Refused is one that the server, or the client, definitely did not take.
	Refused Outcome = "refused"
	// Unknown is one of which the sender knows nothing for sure.
	Unknown Outcome = "unknown"
)

// Send is a message that an application sent.
type Send struct {
	Device, User, Room string
	// Life counts the processes of the device. Only within one is there an
	// order of sends.
	Life int
	// Text is the message. No other send has the same.
	Text string
	// Ordered says that the send has its place in the order of the device's
	// sends to the room, which is that of History.Sends.
	Ordered bool
	Outcome Outcome
	// Code is why it was refused.
	Code string
	// Receipts are the acks: one, or one for each copy that was sent.
	Receipts []Receipt
	// SentAt is when the application sent it, AckedAt when the first ack had
	// come: by then the message was posted, or in the queue.
	SentAt, AckedAt time.Time
}

// take adds a receipt that has just come.
func (s *Send) take(r Receipt) {
	if len(s.Receipts) == 0 {
		s.AckedAt = time.Now()
	}
	s.Receipts = append(s.Receipts, r)
}

// Receipt is what an ack says.
type Receipt struct {
	Seq       int64
	ID        string
	Timestamp int64 // ms since 1970
}

// Entry is a message in a room's log.
type Entry struct {
	Seq        int64
	ID         string
	User, Text string
	Timestamp  int64 // ms since 1970
}

// Notify is a notification that an application sent.
type Notify struct {
	Device  string
	Users   []string
	Text    string
	ID      string // of the ack
	Outcome Outcome
	// SentAt is when it was sent, AckedAt when the ack had come.
	SentAt, AckedAt time.Time
}

// Notified is a notification that an application was given.
type Notified struct {
	ID, Text string
	// Life counts the processes of the device: each forgets what the last one
	// was given.
	Life int
}

// Inbox is what waits for a user.
type Inbox struct {
	IDs     []string
	Dropped int64
}

// Page is a page of a room's log that an application has read.
type Page struct {
	Device, Room string
	// Before is the seq before which it was to be, 0 for the newest messages;
	// Begin the one at which it begins, by the server's word.
	Before, Begin int64
	Messages      []Entry
}
