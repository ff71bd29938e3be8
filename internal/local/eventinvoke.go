package local

// addEventInvokeConfig reads how a function's asynchronous invocations are tried
// again. Here only schedules make them, and none is tried again or kept: that is
// what 0 attempts ask for.
func (p *plan) addEventInvokeConfig(r *resource, values map[string]any) ([]string, error) {
	var properties struct {
		FunctionName         string
		MaximumRetryAttempts *integer
	}
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	r.refer(shortID(10, r.stack.Name, r.logicalID), "")
	if n := properties.MaximumRetryAttempts; n != nil && *n > 0 {
		ignored = append(ignored, "MaximumRetryAttempts")
	}
	return ignored, nil
}
