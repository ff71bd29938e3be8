// Package assemblies changes what a synthesized app says, for measurements and
// tests that need a stack which is not quite the app's.
package assemblies

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Edit makes a copy of a cloud assembly, and of those nested in it for stages, in
// the folder to. edit changes the resources of each template; everything else
// is linked to, so the first has to be there for as long as the copy is used.
func Edit(from, to string, edit func(resources map[string]any) error) error {
	from, err := filepath.Abs(from)
	if err != nil {
		return fmt.Errorf("find the cloud assembly: %w", err)
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("read the cloud assembly: %w", err)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("make a folder for the cloud assembly: %w", err)
	}
	for _, e := range entries {
		there, here := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		switch {
		case e.IsDir() && strings.HasPrefix(e.Name(), "assembly-"):
			err = Edit(there, here, edit)
		case strings.HasSuffix(e.Name(), ".template.json"):
			err = editTemplate(there, here, edit)
		default:
			err = os.Symlink(there, here)
		}
		if err != nil {
			return fmt.Errorf("copy %s of the cloud assembly: %w", e.Name(), err)
		}
	}
	return nil
}

func editTemplate(from, to string, edit func(resources map[string]any) error) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var template map[string]any
	if err := decoder.Decode(&template); err != nil {
		return err
	}
	resources, _ := template["Resources"].(map[string]any)
	if err := edit(resources); err != nil {
		return err
	}
	if data, err = json.Marshal(template); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}

// Variables are the environment variables of a function, nil for a resource
// that has none.
func Variables(resource any) map[string]any {
	variables, _ := At(resource, "Properties", "Environment", "Variables").(map[string]any)
	return variables
}

// At returns what is under keys in nested objects, nil when there is nothing.
func At(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}
