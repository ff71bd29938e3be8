package queues

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// successes returns the messages that a function with partial batch responses has
// processed. As on Lambda, an empty or null response, or one with an empty or null
// list, means all messages. An invalid response, or one with an unknown message, is
// an error and means none.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
func successes(batch []types.Message, response []byte) ([]types.Message, error) {
	if len(bytes.TrimSpace(response)) == 0 {
		return batch, nil
	}
	var answer struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(response, &answer); err != nil {
		return nil, fmt.Errorf("invalid partial batch response: %w", err)
	}
	failed := map[string]bool{}
	for _, f := range answer.Failures {
		failed[f.ID] = true
	}
	var succeeded []types.Message
	for _, m := range batch {
		if id := aws.ToString(m.MessageId); failed[id] {
			delete(failed, id)
		} else {
			succeeded = append(succeeded, m)
		}
	}
	for id := range failed {
		return nil, fmt.Errorf("invalid partial batch response: message %q is not in the batch", id)
	}
	return succeeded, nil
}
