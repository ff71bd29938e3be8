package queue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Sender is what this package calls; [sqs.Client] has it.
type Sender interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

var _ Sender = (*sqs.Client)(nil)

// Queue implements [realtime.Queue] on an SQS FIFO queue.
type Queue struct {
	sender Sender
	url    string
}

var _ realtime.Queue = (*Queue)(nil)

// New returns the FIFO queue with a URL.
func New(sender Sender, url string) *Queue {
	return &Queue{sender: sender, url: url}
}

// Enqueue implements [realtime.Queue]. Jobs of one shard of a room form one
// message group, so that one is done after the other; jobs of different groups
// are done at the same time.
func (q *Queue) Enqueue(ctx context.Context, j realtime.Job) error {
	body, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("encode a broadcast job: %w", err)
	}
	group := Group(j.RoomID, j.Shard)
	_, err = q.sender.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:               &q.url,
		MessageBody:            aws.String(ascii(body)),
		MessageGroupId:         &group,
		MessageDeduplicationId: aws.String(fmt.Sprintf("%s-%d", group, j.Seq)),
	})
	if err != nil {
		return fmt.Errorf("queue seq %d of room %q: %w", j.Seq, j.RoomID, err)
	}
	return nil
}

// Group returns the message group of a shard of a room. A room's name may hold
// characters that SQS does not take, and too many: it is hashed.
func Group(roomID string, shard int) string {
	hash := sha256.Sum256([]byte(roomID))
	return fmt.Sprintf("%s-%d", hex.EncodeToString(hash[:]), shard)
}

// ascii escapes in JSON what is not ASCII. SQS refuses bodies with some
// characters that a message may well have, such as U+FFFF, and what stands in
// for SQS on a laptop refuses all above it.
func ascii(json []byte) string {
	var b strings.Builder
	b.Grow(len(json))
	for _, r := range string(json) {
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return b.String()
}
