package plan

// addEventInvokeConfig reads how a function's asynchronous invocations are retried.
// Only schedules make such invocations here, and they are never retried, as with 0
// attempts.
func (p *Plan) addEventInvokeConfig(r *Resource, values map[string]any) ([]string, error) {
	var properties struct {
		FunctionName         string
		MaximumRetryAttempts *Integer
	}
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	r.refer(shortID(10, r.stack.Name, r.LogicalID), "")
	if n := properties.MaximumRetryAttempts; n != nil && *n > 0 {
		ignored = append(ignored, "MaximumRetryAttempts")
	}
	return ignored, nil
}
