package queues

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// successes returns the messages that a function with partial batch responses
// has processed. As with Lambda a response that is empty or null, or whose
// list is, means all of them; one that cannot be understood, or names a
// message that is none of the batch, is an error and means none.
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
		return nil, fmt.Errorf("the response is no partial batch response: %w", err)
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
		return nil, fmt.Errorf("the response names message %q, which is none of the batch", id)
	}
	return succeeded, nil
}
