package plan

import (
	"fmt"
	"strings"
)

// Consumers describes the functions that a queue feeds.
func (p *Plan) Consumers(q *Queue) string {
	var names []string
	for _, s := range p.Sources {
		if s.Queue == q && bool(s.Properties.Enabled) {
			names = append(names, s.Function.Label)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", feeds function " + strings.Join(names, " and ")
}

// Notes returns a line for each thing in the templates that a local run does not
// emulate. Accepted resources of the same type share a line.
func (p *Plan) Notes() []string {
	var kinds []string
	labels := map[string][]string{}
	for _, r := range p.accepted {
		kind := r.kind
		switch {
		case kind == "AWS::CDK::Metadata" || kind == crossRegionWriter || kind == crossRegionReader:
			continue // added by CDK, not by the app
		case strings.HasPrefix(kind, network):
			kind = network + "*" // a VPC is many resources
		}
		if labels[kind] == nil {
			kinds = append(kinds, kind)
		}
		labels[kind] = append(labels[kind], r.Label)
	}
	var notes []string
	for _, kind := range kinds {
		notes = append(notes, fmt.Sprintf("not emulated: %s (%s)", kind, some(labels[kind])))
	}
	notes = append(notes, p.ignored...)
	return notes
}

// some joins names, and counts all after the first few.
func some(names []string) string {
	const most = 3
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
