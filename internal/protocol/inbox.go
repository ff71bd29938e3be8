package protocol

import "fmt"

// InboxRequest asks for a part of the user's inbox.
type InboxRequest struct {
	Request
	// Since is the id after which to start, "" for the oldest.
	Since string
}

// DecodeInbox decodes the frame of an inbox.
func DecodeInbox(body []byte) (InboxRequest, error) {
	o, err := parse(body)
	if err != nil {
		return InboxRequest{}, err
	}
	return InboxRequest{
		Request: Request{ClientID: o.clientID},
		Since:   o.optionalText("since", 1, MaxNotificationID),
	}, o.err()
}

// AckNotification acknowledges notifications, so that they leave the inbox.
type AckNotification struct {
	Request
	// IDs lists the notifications, without duplicates.
	IDs []string
	// DroppedUpTo is that of the [Inbox] whose dropped notifications are
	// acknowledged, 0 for none.
	DroppedUpTo int64
}

// DecodeAckNotification decodes the frame of an ackNotification.
func DecodeAckNotification(body []byte) (AckNotification, error) {
	o, err := parse(body)
	if err != nil {
		return AckNotification{}, err
	}
	a := AckNotification{Request: Request{ClientID: o.clientID}, IDs: o.ids()}
	upTo, ok := o.whole("droppedUpTo", 1, maxSeq)
	a.DroppedUpTo = upTo
	if len(a.IDs) == 0 && !ok {
		o.reject(Errorf(CodeBadField, "ids: must name 1 to %d notifications, got 0", MaxAckIDs))
	}
	return a, o.err()
}

// ids reads the ids of notifications.
func (o *object) ids() []string {
	raw, ok := o.required("ids")
	var ids []string
	if !ok || !o.decode("ids", raw, &ids, "an array of strings") {
		return nil
	}
	if len(ids) > MaxAckIDs {
		o.reject(Errorf(CodeBadField, "ids: must name at most %d notifications, got %d", MaxAckIDs, len(ids)))
		return nil
	}
	seen := map[string]bool{}
	unique := make([]string, 0, len(ids))
	for i, id := range ids {
		if e := checkText(fmt.Sprintf("ids[%d]", i), id, 1, MaxNotificationID); e != nil {
			o.reject(e)
			return nil
		}
		if !seen[id] {
			seen[id] = true
			unique = append(unique, id)
		}
	}
	return unique
}
