package fanout

import (
	"errors"
	"fmt"
	"slices"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblyedit"
	"github.com/roomcast/roomcast/internal/settings"
)

// Divert makes a copy of a cloud assembly whose functions post to another host
// and port, instead of to their WebSocket API, except those with the handlers
// that are named. The copy is the folder to; what is not changed in it is linked
// to.
func Divert(from, to, address string, except ...string) error {
	diverted := 0
	err := assemblyedit.Copy(from, to, func(resources map[string]any) error {
		n, err := divert(resources, address, except)
		diverted += n
		return err
	})
	if err == nil && diverted == 0 {
		return fmt.Errorf("bench fanout: no function of the app has the environment variable %s: run an app that holds Roomcast's ChatApi", settings.CallbackURL)
	}
	return err
}

// divert returns how many functions it has diverted.
func divert(resources map[string]any, address string, except []string) (int, error) {
	diverted := 0
	for _, r := range resources {
		variables := assemblyedit.Variables(r)
		handler, _ := assemblyedit.At(r, "Properties", "Handler").(string)
		if variables[settings.CallbackURL] == nil || slices.Contains(except, handler) {
			continue
		}
		stage, err := stageName(resources)
		if err != nil {
			return 0, err
		}
		variables[settings.CallbackURL] = "http://" + address + "/" + stage
		diverted++
	}
	return diverted, nil
}

// stageName returns the name of the one stage among resources.
func stageName(resources map[string]any) (string, error) {
	var names []string
	for _, r := range resources {
		if assemblyedit.At(r, "Type") == "AWS::ApiGatewayV2::Stage" {
			name, _ := assemblyedit.At(r, "Properties", "StageName").(string)
			names = append(names, name)
		}
	}
	if len(names) != 1 || names[0] == "" {
		return "", errors.New("it does not have exactly one stage with a name of its own, to which its functions post")
	}
	return names[0], nil
}
