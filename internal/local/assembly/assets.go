package assembly

import (
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// assetManifest is a file such as Chat.assets.json: where each asset lies in
// the assembly, and where deployment would put it.
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
			continue // made by a command at deployment; not there to be run
		}
		source := sourceOf(dir, asset.Source.Path)
		s.assets[hash] = source
		for _, destination := range asset.Destinations {
			s.assets[destination.ObjectKey] = source
		}
	}
	return nil
}

// sourceOf returns where an asset is. A stage's assets lie beside the outer
// assembly (../asset.…), and with asset staging off the path is absolute.
func sourceOf(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// legacyAsset is what CDK's legacy synthesizer notes about a file asset: the
// parameters of the template that say where deployment has put it.
type legacyAsset struct {
	Path                  string `json:"path"`
	SourceHash            string `json:"sourceHash"`
	S3BucketParameter     string `json:"s3BucketParameter"`
	S3KeyParameter        string `json:"s3KeyParameter"`
	ArtifactHashParameter string `json:"artifactHashParameter"`
}

// addLegacyAsset gives these parameters the values that deployment would. The
// key is in two parts, of which the first is a folder. Notes about other kinds
// of assets are passed over: what needs one is refused by its resource.
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
// folder: CDK packs it only when it deploys. The error names the key.
func (s *Stack) Asset(objectKey string) (string, error) {
	if source, ok := s.assets[objectKey]; ok {
		return source, nil
	}
	// A stack synthesizer of one's own may write other keys around the hash.
	hash := strings.TrimSuffix(path.Base(objectKey), path.Ext(objectKey))
	if source, ok := s.assets[hash]; ok {
		return source, nil
	}
	return "", fmt.Errorf("the assets of stack %s have no object %q: run cdk synth again, and give the function its code as an asset (Code.fromAsset)", s.Name, objectKey)
}
