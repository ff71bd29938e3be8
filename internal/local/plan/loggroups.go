package plan

// addLogGroup adds a log group. Functions log if their roles may write to it.
func (p *Plan) addLogGroup(r *Resource, values map[string]any) ([]string, error) {
	var properties struct{ LogGroupName string }
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	name := r.name(properties.LogGroupName, 512)
	r.refer(name, ARN("logs", "log-group:"+name+":*"))
	p.logGroups = append(p.logGroups, name)
	return ignored, nil
}
