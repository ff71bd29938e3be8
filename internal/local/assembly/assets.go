package assembly

import (
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// assetManifest is a file such as Chat.assets.json: where each asset is in the
// assembly, and where deployment would put it.
type assetManifest struct {
	Files map[string]struct {
		Source struct {
			Path string `json:"path"`
		} `json:"source"`
		Destinations map[string]struct {
			ObjectKey string `json:"objectKey"`
		} `json:"destinations"`
	} `json:"files"`
}

func (s *Stack) readAssets(dir, name string) error {
	file, err := within(dir, name)
	if err != nil {
		return err
	}
	var m assetManifest
	if err := readJSON(file, &m); err != nil {
		return err
	}
	for hash, asset := range m.Files {
		if asset.Source.Path == "" {
			continue // created by a command at deployment, so not available here
		}
		source := sourceOf(dir, asset.Source.Path)
		s.assets[hash] = source
		for _, destination := range asset.Destinations {
			s.assets[destination.ObjectKey] = source
		}
	}
	return nil
}

// sourceOf returns where an asset is. A stage's assets are next to the outer
// assembly (../asset.…). Without asset staging the path is absolute.
func sourceOf(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// legacyAsset is the metadata of CDK's legacy synthesizer about a file asset: the
// template parameters that say where deployment has put it.
type legacyAsset struct {
	Path                  string `json:"path"`
	SourceHash            string `json:"sourceHash"`
	S3BucketParameter     string `json:"s3BucketParameter"`
	S3KeyParameter        string `json:"s3KeyParameter"`
	ArtifactHashParameter string `json:"artifactHashParameter"`
}

// addLegacyAsset sets these parameters to the values of a deployment. The key has
// two parts, of which the first is a folder. Metadata about other kinds of assets
// is ignored: a resource that needs one is refused.
func (s *Stack) addLegacyAsset(dir string, note json.RawMessage) {
	var asset legacyAsset
	if json.Unmarshal(note, &asset) != nil || asset.Path == "" || asset.S3KeyParameter == "" {
		return
	}
	s.assets[asset.SourceHash] = sourceOf(dir, asset.Path)
	s.Parameters[asset.S3BucketParameter] = "assets"
	s.Parameters[asset.S3KeyParameter] = "assets/||" + asset.SourceHash + filepath.Ext(asset.Path)
	s.Parameters[asset.ArtifactHashParameter] = asset.SourceHash
}

// Asset returns the file or folder that deployment would upload under the key
// objectKey of the assets bucket, such as "<hash>.zip". A function's code is a
// folder, because CDK packs it only at deployment. The error names the key.
func (s *Stack) Asset(objectKey string) (string, error) {
	if source, ok := s.assets[objectKey]; ok {
		return source, nil
	}
	// Custom stack synthesizers may add other text to the hash in keys.
	hash := strings.TrimSuffix(path.Base(objectKey), path.Ext(objectKey))
	if source, ok := s.assets[hash]; ok {
		return source, nil
	}
	return "", fmt.Errorf("unknown object %[2]q in the assets of stack %[1]s: run cdk synth again, and make the function's code an asset (Code.fromAsset)", s.Name, objectKey)
}
