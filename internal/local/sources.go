package local

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// eventSource feeds a function from a queue.
type eventSource struct {
	*resource
	properties eventSourceProperties
	function   *function
	queue      *queue
}

type eventSourceProperties struct {
	EventSourceArn                 string
	FunctionName                   string
	BatchSize                      integer
	MaximumBatchingWindowInSeconds integer
	FunctionResponseTypes          []string
	ScalingConfig                  struct{ MaximumConcurrency *integer }
	FilterCriteria                 struct{ Filters []any }
	Enabled                        flag
}

func (p *plan) addEventSource(r *resource, values map[string]any) ([]string, error) {
	s := &eventSource{resource: r, properties: eventSourceProperties{BatchSize: 10, Enabled: true}}
	ignored, err := decode(values, &s.properties)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(s.properties.EventSourceArn, "arn:"+partition+":sqs:") {
		return nil, fmt.Errorf("its event source %q does not run locally, only SQS queues do: leave the mapping out in a local run", s.properties.EventSourceArn)
	}
	if len(s.properties.FilterCriteria.Filters) > 0 {
		return nil, errors.New("its FilterCriteria do not run locally, and without them the function would get other messages than on AWS: filter in the function instead")
	}
	id := uuid(r.stack.Name, r.logicalID)
	r.refer(id, "")
	r.attributes["Id"] = id
	r.attributes["EventSourceMappingArn"] = arn("lambda", "event-source-mapping:"+id)
	p.sources = append(p.sources, s)
	return ignored, nil
}

// link finds both ends of the mapping.
func (s *eventSource) link(p *plan) error {
	if s.queue = p.queueByARN(s.properties.EventSourceArn); s.queue == nil {
		return fmt.Errorf("%s: there is no queue %s in the app", s, s.properties.EventSourceArn)
	}
	if s.function = p.functionByName(s.properties.FunctionName); s.function == nil {
		return fmt.Errorf("%s: there is no function %s in the app", s, s.properties.FunctionName)
	}
	return s.check()
}

// check refuses what Lambda refuses when it makes the mapping.
func (s *eventSource) check() error {
	visibility := s.queue.visibility()
	var err error
	batch, window := s.properties.BatchSize, s.properties.MaximumBatchingWindowInSeconds
	most := s.properties.ScalingConfig.MaximumConcurrency
	switch {
	case s.function.timeout > visibility:
		err = fmt.Errorf("the queue's visibility timeout %v is shorter than the function's timeout %v: lengthen it, to six times that at best", visibility, s.function.timeout)
	case bool(s.queue.properties.FifoQueue) && (batch < 1 || batch > 10):
		err = fmt.Errorf("batch size %d: a FIFO queue takes 1 to 10", batch)
	case bool(s.queue.properties.FifoQueue) && window != 0:
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

// concurrency is how many batches are worked on at once at most; 0: as the
// poller sees fit.
func (s *eventSource) concurrency() int {
	if most := s.properties.ScalingConfig.MaximumConcurrency; most != nil {
		return int(*most)
	}
	return 0
}

// reportsFailures says whether the function names the messages that failed,
// rather than failing or passing the whole batch.
func (s *eventSource) reportsFailures() bool {
	return slices.Contains(s.properties.FunctionResponseTypes, "ReportBatchItemFailures")
}
