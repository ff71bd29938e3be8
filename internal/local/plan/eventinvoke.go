package plan

// addEventInvokeConfig reads how a function's asynchronous invocations are tried
// again. Here only schedules make them, and none is tried again or kept: that is
// what 0 attempts ask for.
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
