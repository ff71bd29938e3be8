package chaos

import "time"

// History is the record of a run: of the applications, of the gateway, and of the
// tables and queues at the end. Its times are by the run's own clock. The timestamps
// of the server's frames are by the functions' clocks, which may be wrong, so they
// are compared with each other only.
type History struct {
	// Devices are the clients by their names.
	Devices map[string]*Device
	// Sends are the messages that applications sent, for each device in its order.
	Sends []*Send
	// Pages are the pages of history that applications read.
	Pages []Page
	// Notifies are the notifications that applications sent.
	Notifies []*Notify
	// Acknowledged are the notifications that applications acknowledged
	// successfully, by user.
	Acknowledged map[string]map[string]bool
	// Logs are the rooms' logs at the end, in the order of seq, without tombstones.
	Logs map[string][]Entry
	// Guests are the connections without a client, Moves their cursor moves.
	Guests []*Guest
	Moves  []Move
	// CursorsTwice are the batches that had a cursor more than once.
	CursorsTwice []CursorTwice
	// Limits are the limits of the stack.
	Limits Limits
	// JoinAnswers are the answers to joins, with the gaps of the log at that time.
	JoinAnswers []JoinAnswer
	// Retention is how many of its newest messages a room can recover.
	Retention int64
	// Inboxes are the users' inboxes at the end.
	Inboxes map[string]Inbox
	// Connections are the gateway's connections, by id.
	Connections map[string]*Connection
	// Copies counts how often the gateway got each message, by its text. Arrived is
	// when it got the first copy.
	Copies  map[string]int
	Arrived map[string]time.Time
	// Deferred are the messages, by room and seq, of which a function has said
	// that it could not post them to every member, so that jobs are queued for the
	// others.
	Deferred map[string]map[int64]bool
	// Idle are the times, in order, at which the queue was empty: every job queued
	// before was done or had become a dead letter.
	Idle []time.Time
	// DLQ are the dead letters, Queued the jobs that still wait, and Redriven the
	// dead letters that were redriven.
	DLQ, Queued, Redriven []Job
	// Present are the users that the server lists in a room at the end, sorted;
	// Expected those that are there.
	Present, Expected map[string][]string
	// Counts are the faults that were injected, by kind.
	Counts map[string]int
	// Rollovers are the numbers of finished rollovers by device.
	Rollovers map[string]int
}

// Device is a device of a user. It outlives its connections and its processes.
type Device struct {
	Name, User string
	// Events are what the application did and saw, in order.
	Events []Event
	// Notified are the notifications and Cursors the cursors that it got.
	Notified []Notified
	Cursors  []CursorShown
	// HearsNotifications says that it asked for notifications.
	HearsNotifications bool
}

// EventKind is the kind of an Event.
type EventKind string

// The kinds of events of a device.
const (
	// AskedToJoin is the application's join; Seq is the position that it named,
	// -1 for none.
	AskedToJoin EventKind = "ask"
	// Joined is the client's report that it is in the room. Seq and Recovered are of
	// the server's answer.
	Joined EventKind = "joined"
	// Got is a message for the application.
	Got EventKind = "got"
	// Left is the answer to the application's leave.
	Left EventKind = "left"
	// Away is when the application closed its client for a while.
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

// Outcome is the outcome of a request, as far as its sender knows.
type Outcome string

// The outcomes of a request.
const (
	// Open is a request that was never answered.
	Open Outcome = "open"
	// Acked is a request that the server accepted.
	Acked Outcome = "acked"
	// Refused is a request that the server or the client definitely refused.
	Refused Outcome = "refused"
	// Unknown is a request whose outcome its sender cannot know.
	Unknown Outcome = "unknown"
)

// Send is a message that an application sent.
type Send struct {
	Device, User, Room string
	// Life counts the processes of the device. Sends are ordered only within one.
	Life int
	// Text is the message. No other send has the same.
	Text string
	// Ordered says that the device's sends to the room are ordered, as in
	// History.Sends.
	Ordered bool
	Outcome Outcome
	// Code is why it was refused.
	Code string
	// Receipts are the acks: one, or one for each copy that was sent.
	Receipts []Receipt
	// SentAt is when the application sent it, AckedAt when the first ack came: by
	// then the message was posted or queued.
	SentAt, AckedAt time.Time
}

// take adds a receipt.
func (s *Send) take(r Receipt) {
	if len(s.Receipts) == 0 {
		s.AckedAt = time.Now()
	}
	s.Receipts = append(s.Receipts, r)
}

// Receipt is an ack.
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

// Notified is a notification that an application got.
type Notified struct {
	ID, Text string
	// Life counts the processes of the device: each one gets everything again.
	Life int
}

// Inbox is the inbox of a user.
type Inbox struct {
	IDs     []string
	Dropped int64
}

// Page is a page of a room's log that an application read.
type Page struct {
	Device, Room string
	// Before is the requested upper bound, 0 for the newest messages. Begin is the
	// seq at which the page begins, by the server's answer.
	Before, Begin int64
	Messages      []Entry
}
