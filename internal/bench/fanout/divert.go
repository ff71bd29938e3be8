package fanout

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/settings"
)

// Divert makes a copy of a cloud assembly whose functions post to another host
// and port, instead of to their WebSocket API, except those with the handlers
// that are named. The copy is the folder to; what is not changed in it is linked
// to.
func Divert(assembly, to, address string, except ...string) error {
	assembly, err := filepath.Abs(assembly)
	if err != nil {
		return fmt.Errorf("bench fanout: %w", err)
	}
	entries, err := os.ReadDir(assembly)
	if err != nil {
		return fmt.Errorf("bench fanout: read the cloud assembly: %w", err)
	}
	diverted := 0
	for _, e := range entries {
		from, into := filepath.Join(assembly, e.Name()), filepath.Join(to, e.Name())
		if !strings.HasSuffix(e.Name(), ".template.json") {
			if err := os.Symlink(from, into); err != nil {
				return fmt.Errorf("bench fanout: %w", err)
			}
			continue
		}
		n, err := divertTemplate(from, into, address, except)
		if err != nil {
			return fmt.Errorf("bench fanout: template %s: %w", e.Name(), err)
		}
		diverted += n
	}
	if diverted == 0 {
		return fmt.Errorf("bench fanout: no function of the app has the environment variable %s: run an app that holds Roomcast's ChatApi", settings.CallbackURL)
	}
	return nil
}

// divertTemplate returns how many functions it has diverted.
func divertTemplate(from, into, address string, except []string) (int, error) {
	data, err := os.ReadFile(from)
	if err != nil {
		return 0, err
	}
	var template map[string]any
	if err := json.Unmarshal(data, &template); err != nil {
		return 0, err
	}
	resources, _ := template["Resources"].(map[string]any)
	diverted := 0
	for _, r := range resources {
		variables, ok := at(r, "Properties", "Environment", "Variables").(map[string]any)
		handler, _ := at(r, "Properties", "Handler").(string)
		if !ok || variables[settings.CallbackURL] == nil || slices.Contains(except, handler) {
			continue
		}
		stage, err := stageName(resources)
		if err != nil {
			return 0, err
		}
		variables[settings.CallbackURL] = "http://" + address + "/" + stage
		diverted++
	}
	if data, err = json.Marshal(template); err != nil {
		return 0, err
	}
	return diverted, os.WriteFile(into, data, 0o600)
}

// stageName returns the name of the one stage among resources.
func stageName(resources map[string]any) (string, error) {
	var names []string
	for _, r := range resources {
		if at(r, "Type") == "AWS::ApiGatewayV2::Stage" {
			name, _ := at(r, "Properties", "StageName").(string)
			names = append(names, name)
		}
	}
	if len(names) != 1 || names[0] == "" {
		return "", errors.New("it does not have exactly one stage with a name of its own, to which its functions post")
	}
	return names[0], nil
}

// at returns what is under keys in nested objects, nil when there is nothing.
func at(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}
