package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// EventSource feeds a function from a queue.
type EventSource struct {
	*Resource
	Properties EventSourceProperties
	Function   *Function
	Queue      *Queue
}

type EventSourceProperties struct {
	EventSourceArn                 string
	FunctionName                   string
	BatchSize                      Integer
	MaximumBatchingWindowInSeconds Integer
	FunctionResponseTypes          []string
	ScalingConfig                  struct{ MaximumConcurrency *Integer }
	FilterCriteria                 struct{ Filters []any }
	Enabled                        Bool
}

func (p *Plan) addEventSource(r *Resource, values map[string]any) ([]string, error) {
	s := &EventSource{Resource: r, Properties: EventSourceProperties{BatchSize: 10, Enabled: true}}
	ignored, err := decode(values, &s.Properties)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(s.Properties.EventSourceArn, "arn:"+partition+":sqs:") {
		return nil, fmt.Errorf("its event source %q does not run locally, only SQS queues do: leave the mapping out in a local run", s.Properties.EventSourceArn)
	}
	if len(s.Properties.FilterCriteria.Filters) > 0 {
		return nil, errors.New("its FilterCriteria do not run locally, and without them the function would get other messages than on AWS: filter in the function instead")
	}
	id := UUID(r.stack.Name, r.LogicalID)
	r.refer(id, "")
	r.attributes["Id"] = id
	r.attributes["EventSourceMappingArn"] = ARN("lambda", "event-source-mapping:"+id)
	p.Sources = append(p.Sources, s)
	return ignored, nil
}

// link finds both ends of the mapping.
func (s *EventSource) link(p *Plan) error {
	if s.Queue = p.queueByARN(s.Properties.EventSourceArn); s.Queue == nil {
		return fmt.Errorf("%s: there is no queue %s in the app", s, s.Properties.EventSourceArn)
	}
	if s.Function = p.functionByName(s.Properties.FunctionName); s.Function == nil {
		return fmt.Errorf("%s: there is no function %s in the app", s, s.Properties.FunctionName)
	}
	return s.check()
}

// check refuses what Lambda refuses when it makes the mapping.
func (s *EventSource) check() error {
	visibility := s.Queue.Visibility()
	var err error
	batch, window := s.Properties.BatchSize, s.Properties.MaximumBatchingWindowInSeconds
	most := s.Properties.ScalingConfig.MaximumConcurrency
	switch {
	case s.Function.Timeout > visibility:
		err = fmt.Errorf("the queue's visibility timeout %v is shorter than the function's timeout %v: lengthen it, to six times that at best", visibility, s.Function.Timeout)
	case bool(s.Queue.properties.FifoQueue) && (batch < 1 || batch > 10):
		err = fmt.Errorf("batch size %d: a FIFO queue takes 1 to 10", batch)
	case bool(s.Queue.properties.FifoQueue) && window != 0:
		err = errors.New("a FIFO queue takes no batching window: remove MaximumBatchingWindowInSeconds")
	case batch < 1 || batch > 10000:
		err = fmt.Errorf("batch size %d: a queue takes 1 to 10000", batch)
	case window < 0 || window > 300:
		err = fmt.Errorf("batching window of %d s: a queue takes 0 to 300", window)
	case most != nil && (*most < 2 || *most > 1000):
		err = fmt.Errorf("maximum concurrency %d: a queue takes 2 to 1000", *most)
	case batch > 10 && window < 1:
		err = fmt.Errorf("batch size %d: more than 10 need a batching window of a second or more", batch)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s, err)
	}
	return nil
}

// Concurrency is how many batches are worked on at once at most; 0: as the
// poller sees fit.
func (s *EventSource) Concurrency() int {
	if most := s.Properties.ScalingConfig.MaximumConcurrency; most != nil {
		return int(*most)
	}
	return 0
}

// ReportsFailures says whether the function names the messages that failed,
// rather than failing or passing the whole batch.
func (s *EventSource) ReportsFailures() bool {
	return slices.Contains(s.Properties.FunctionResponseTypes, "ReportBatchItemFailures")
}
