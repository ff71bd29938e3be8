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

// EventSourceProperties are the properties of AWS::Lambda::EventSourceMapping that
// run locally.
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
		return nil, fmt.Errorf("invalid EventSourceArn %q: only SQS queues run locally; leave out the mapping in a local run", s.Properties.EventSourceArn)
	}
	if len(s.Properties.FilterCriteria.Filters) > 0 {
		return nil, errors.New("FilterCriteria do not run locally, so the function would get other messages than on AWS: filter in the function")
	}
	id := UUID(r.stack.Name, r.LogicalID)
	r.refer(id, "")
	r.attributes["Id"] = id
	r.attributes["EventSourceMappingArn"] = ARN("lambda", "event-source-mapping:"+id)
	p.Sources = append(p.Sources, s)
	return ignored, nil
}

// link finds the queue and the function of the mapping.
func (s *EventSource) link(p *Plan) error {
	if s.Queue = p.queueByARN(s.Properties.EventSourceArn); s.Queue == nil {
		return fmt.Errorf("%s: unknown queue %s: expected a queue of the app", s, s.Properties.EventSourceArn)
	}
	if s.Function = p.functionByName(s.Properties.FunctionName); s.Function == nil {
		return fmt.Errorf("%s: unknown function %s: expected a function of the app", s, s.Properties.FunctionName)
	}
	return s.check()
}

// check refuses what Lambda refuses when it creates the mapping.
func (s *EventSource) check() error {
	visibility := s.Queue.Visibility()
	var err error
	batch, window := s.Properties.BatchSize, s.Properties.MaximumBatchingWindowInSeconds
	most := s.Properties.ScalingConfig.MaximumConcurrency
	switch {
	case s.Function.Timeout > visibility:
		err = fmt.Errorf("the queue's visibility timeout %v is shorter than the function's timeout %v: set it to at least that, better to six times that", visibility, s.Function.Timeout)
	case bool(s.Queue.properties.FifoQueue) && (batch < 1 || batch > 10):
		err = fmt.Errorf("invalid BatchSize %d: expected 1 to 10 for a FIFO queue", batch)
	case bool(s.Queue.properties.FifoQueue) && window != 0:
		err = errors.New("invalid MaximumBatchingWindowInSeconds: FIFO queues have no batching window; remove it")
	case batch < 1 || batch > 10000:
		err = fmt.Errorf("invalid BatchSize %d: expected 1 to 10000", batch)
	case window < 0 || window > 300:
		err = fmt.Errorf("invalid MaximumBatchingWindowInSeconds %d: expected 0 to 300", window)
	case most != nil && (*most < 2 || *most > 1000):
		err = fmt.Errorf("invalid MaximumConcurrency %d: expected 2 to 1000", *most)
	case batch > 10 && window < 1:
		err = fmt.Errorf("invalid BatchSize %d: more than 10 require a MaximumBatchingWindowInSeconds of at least 1", batch)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s, err)
	}
	return nil
}

// Concurrency is the maximum number of batches in progress; 0 for the poller's
// default.
func (s *EventSource) Concurrency() int {
	if most := s.Properties.ScalingConfig.MaximumConcurrency; most != nil {
		return int(*most)
	}
	return 0
}

// ReportsFailures reports whether the function returns the failed messages, rather
// than failing or passing the whole batch.
func (s *EventSource) ReportsFailures() bool {
	return slices.Contains(s.Properties.FunctionResponseTypes, "ReportBatchItemFailures")
}
