package chaos

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Kind is a kind of violation.
type Kind string

// The kinds of violations.
const (
	// LostAck is an acknowledged message that is not in the log as its ack says.
	LostAck Kind = "acked_not_logged"
	// LoggedTwice is a message that is in the log more than once.
	LoggedTwice Kind = "logged_twice"
	// RefusedLogged is a message that was refused and is in the log.
	RefusedLogged Kind = "refused_logged"
	// RefusedDelivered is a message that was refused and delivered.
	RefusedDelivered Kind = "refused_delivered"
	// Foreign is a message in the log that nobody sent.
	Foreign Kind = "foreign_message"
	// AcksDiffer is two copies of one send with different acks.
	AcksDiffer Kind = "acks_differ"
	// SenderOrder is a message that overtook an earlier one of its sender.
	SenderOrder Kind = "sender_order"
	// Unanswered is a send or a notify that was never answered, not even long after
	// the faults.
	Unanswered Kind = "unanswered"

	// Missing is a message that a member never got.
	Missing Kind = "missing"
	// Doubled is a message that a member got more than once.
	Doubled Kind = "doubled"
	// Disordered is a message that came after a later one.
	Disordered Kind = "disordered"
	// Phantom is a delivered message that differs from the log.
	Phantom Kind = "phantom"
	// Outsider is a message that was sent after the client had left the room, or
	// before it joined.
	Outsider Kind = "outside_membership"
	// NotRecovered is a rejoin with recovered:false although the log had everything.
	NotRecovered Kind = "not_recovered"

	// BelowJoin is an acknowledged message that was put at or below a seq that a
	// join had named before.
	BelowJoin Kind = "below_join"

	// WrongPage is a page of the history that differs from the log.
	WrongPage Kind = "wrong_page"

	// NotificationLost is an acknowledged notification that did not reach a device.
	NotificationLost Kind = "notification_lost"
	// NotificationDoubled is a notification that an application got twice.
	NotificationDoubled Kind = "notification_doubled"
	// NotificationPhantom is a notification that nobody sent to that user.
	NotificationPhantom Kind = "notification_phantom"
	// NotificationKept is a notification that stays after its acknowledgement.
	NotificationKept Kind = "notification_kept"

	// NeverPosted is a message that no function tried to post to a member.
	NeverPosted Kind = "never_posted"
	// DLQUnclear is a dead letter without a cause or a known message.
	DLQUnclear Kind = "dlq_unclear"
	// DLQDelivered is a dead letter for a connection that has the message.
	DLQDelivered Kind = "dlq_delivered"
	// Unaccounted is a failed delivery that is in no queue and that the client did
	// not recover.
	Unaccounted Kind = "unaccounted"

	// RightKept is a request or a delivery by a permission that a refresh removed,
	// RightMissing a refusal despite a permission.
	RightKept    Kind = "right_kept"
	RightMissing Kind = "right_missing"
	// TokenKept is a request or a delivery after the end of a token, TokenCut a
	// refusal before its end.
	TokenKept Kind = "token_kept"
	TokenCut  Kind = "token_cut"
	// OverLimit is more than the stack allows.
	OverLimit Kind = "over_limit"
	// CursorOutsider is a cursor for a connection that had left the room,
	// CursorOrder a cursor that came after a newer one of its user.
	CursorOutsider Kind = "cursor_outsider"
	CursorOrder    Kind = "cursor_order"
	// NotesOrder is an inbox whose ids do not ascend, or a sender's notifications
	// in another order than they were sent, in an inbox or on the way to a
	// connection.
	NotesOrder Kind = "notification_order"

	// Ghost is a user who is listed as present and is not.
	Ghost Kind = "presence_ghost"
	// Overlooked is a user who is present and not listed.
	Overlooked Kind = "presence_missing"
)

// Violation is one violation of a promise.
type Violation struct {
	Kind Kind `json:"kind"`
	// Room, Client and Seq say where, if they apply. The client is a device or a
	// user.
	Room   string `json:"room,omitempty"`
	Client string `json:"client,omitempty"`
	Seq    int64  `json:"seq,omitempty"`
	// What is a sentence.
	What string `json:"what"`
}

// Check returns the violations in a history, ordered by room, client and seq.
func Check(h *History) []Violation {
	var found findings
	logs := indexLogs(h)
	checkLogs(h, logs, &found)
	checkOrder(h, logs, &found)
	positions := checkDeliveries(h, logs, &found)
	checkJoins(h, &found)
	checkPages(h, logs, &found)
	checkInboxes(h, &found)
	checkLedger(h, positions, &found)
	checkPresence(h, &found)
	checkPresenceReads(h, &found)
	checkRights(h, &found)
	checkLimits(h, &found)
	checkCursors(h, &found)
	checkNotesOrder(h, &found)
	checkNotesPosted(h, &found)
	slices.SortStableFunc(found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Seq, b.Seq))
	})
	return found
}

// findings are the violations found so far.
type findings []Violation

func (f *findings) add(v Violation, format string, args ...any) {
	v.What = fmt.Sprintf(format, args...)
	*f = append(*f, v)
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// brief returns the beginning of a text.
func brief(text string) string {
	if len(text) <= 40 {
		return text
	}
	return text[:40] + "…"
}
