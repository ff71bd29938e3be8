package protocol

import (
	"encoding/json"
	"fmt"
)

// Notify asks to notify some users.
type Notify struct {
	Request
	// UserIDs lists the users, without duplicates.
	UserIDs []string
	// Notification is the JSON for them.
	Notification json.RawMessage
}

// DecodeNotify decodes the frame of a notify.
func DecodeNotify(body []byte) (Notify, error) {
	o, err := parse(body)
	if err != nil {
		return Notify{}, err
	}
	n := Notify{Request: Request{ClientID: o.clientID}, UserIDs: o.userIDs()}
	// A notification may be any JSON value, so null is one too.
	notification, ok := o.fields["notification"]
	if !ok {
		o.reject(Errorf(CodeBadField, "notification: is missing"))
	} else if e := checkNotification(notification); e != nil {
		o.reject(e)
	}
	n.Notification = notification
	return n, o.err()
}

// userIDs reads the users that a notify names.
func (o *object) userIDs() []string {
	many, plural := o.raw("userIds")
	_, single := o.raw("userId")
	switch {
	case plural && single:
		o.reject(Errorf(CodeBadField, "userIds: must not be given together with userId"))
	case single:
		return []string{o.optionalText("userId", 1, MaxName)}
	case !plural:
		o.reject(Errorf(CodeBadField, "userId: is missing, and so is userIds: give one of them"))
	default:
		var userIDs []string
		if o.decode("userIds", many, &userIDs, "an array of strings") {
			unique, err := checkUserIDs(userIDs)
			if err != nil {
				o.reject(err)
			}
			return unique
		}
	}
	return nil
}

// CheckUserIDs returns the users in order and without duplicates, or an
// [*Error] that says what is wrong with them.
func CheckUserIDs(userIDs []string) ([]string, error) {
	unique, err := checkUserIDs(userIDs)
	return unique, asError(err)
}

func checkUserIDs(userIDs []string) ([]string, *Error) {
	if n := len(userIDs); n < 1 || n > MaxUserIDs {
		return nil, Errorf(CodeBadField, "userIds: must name 1 to %d users, got %d", MaxUserIDs, n)
	}
	seen := make(map[string]bool, len(userIDs))
	unique := make([]string, 0, len(userIDs))
	for i, userID := range userIDs {
		if err := checkText(fmt.Sprintf("userIds[%d]", i), userID, 1, MaxName); err != nil {
			return nil, err
		}
		if !seen[userID] {
			seen[userID] = true
			unique = append(unique, userID)
		}
	}
	return unique, nil
}
