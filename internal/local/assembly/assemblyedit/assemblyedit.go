// Package assemblyedit copies a cloud assembly with changed resources, for tests
// and measurements that need a stack slightly different from the app's.
package assemblyedit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Copy copies a cloud assembly, and the assemblies of stages nested in it, to the
// folder to. It calls edit with the resources of each template. All other files
// are symbolic links, so the original must exist while the copy is in use.
func Copy(from, to string, edit func(resources map[string]any) error) error {
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
			err = Copy(there, here, edit)
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

// Variables returns the environment variables of a function, or nil for a
// resource without any.
func Variables(resource any) map[string]any {
	variables, _ := At(resource, "Properties", "Environment", "Variables").(map[string]any)
	return variables
}

// At returns the value at the path keys in nested objects, or nil.
func At(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}
