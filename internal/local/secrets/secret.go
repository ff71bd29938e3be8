package secrets

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The staging labels that Secrets Manager moves itself.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// Secret is a secret that a template defines.
type Secret struct {
	// Name is the secret's name. ARN is its ARN with the six characters that
	// Secrets Manager appends to the name. Required.
	Name, ARN string
	// Description and Tags appear in DescribeSecret.
	Description string
	Tags        []Tag
	// Value is the first version's value. Default: the secret has no version.
	Value *string
}

// Tag is a tag of a secret.
type Tag struct{ Key, Value string }

// secret is a secret with its versions.
type secret struct {
	Secret
	created, changed time.Time
	versions         []*version
}

// version is a current or earlier value of a secret.
type version struct {
	id           string
	text, binary *string // one of them is nil
	stages       []string
	created      time.Time
}

// AddSecret adds a secret. It fails if the name is taken.
func (st *Store) AddSecret(s Secret) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.secret(s.Name) != nil {
		return fmt.Errorf("duplicate secret name %s: rename one of the two secrets", s.Name)
	}
	now := st.config.Now()
	made := &secret{Secret: s, created: now, changed: now}
	if s.Value != nil {
		made.add(&version{id: newID(), text: s.Value, created: now}, current)
	}
	st.secrets = append(st.secrets, made)
	return nil
}

// FindSecret finds a secret by its name, its ARN, or its ARN without the six
// characters. It reports false if it finds none.
func (st *Store) FindSecret(id string) (name, arn string, ok bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.secret(id)
	if s == nil {
		return "", "", false
	}
	return s.Name, s.ARN, true
}

// SecretString returns the text of a version of a secret, by version ID, else by
// staging label, else of the current version. It reports false if there is no such
// secret, version or text.
func (st *Store) SecretString(id, versionID, stage string) (text string, ok bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.secret(id)
	if s == nil {
		return "", false
	}
	found, failed := s.find(versionID, stage)
	if failed != nil || found.text == nil {
		return "", false
	}
	return *found.text, true
}

// suffix is the length of the suffix of a name in an ARN.
const suffix = len("-AbCdEf")

func (st *Store) secret(id string) *secret {
	i := slices.IndexFunc(st.secrets, func(s *secret) bool {
		return id == s.Name || id == s.ARN || strings.HasPrefix(id, "arn:") && id == s.ARN[:len(s.ARN)-suffix]
	})
	if i < 0 {
		return nil
	}
	return st.secrets[i]
}

// find returns a version. Without ID and label it is the current one.
func (s *secret) find(id, stage string) (*version, *failure) {
	what := "VersionId: " + id
	i := slices.IndexFunc(s.versions, func(v *version) bool { return v.id == id })
	if id == "" {
		if stage == "" {
			stage = current
		}
		what = "staging label: " + stage
		i = slices.IndexFunc(s.versions, func(v *version) bool { return slices.Contains(v.stages, stage) })
	}
	switch {
	case i < 0:
		return nil, refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for "+what)
	case id != "" && stage != "" && !slices.Contains(s.versions[i].stages, stage):
		return nil, refused("InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId.")
	}
	return s.versions[i], nil
}

// add adds a version with its staging labels, which other versions lose. The very
// first version is current, whatever its labels.
func (s *secret) add(v *version, stages ...string) {
	if len(s.versions) == 0 && !slices.Contains(stages, current) {
		stages = append(stages, current)
	}
	if slices.Contains(stages, current) {
		if last := s.take(current); last != nil {
			s.take(previous)
			last.stages = append(last.stages, previous)
		}
	}
	for _, stage := range stages {
		s.take(stage)
		v.stages = append(v.stages, stage)
	}
	s.versions = append(s.versions, v)
	s.changed = v.created
}

// take removes a staging label from its version and returns the version, or nil.
func (s *secret) take(stage string) *version {
	for _, v := range s.versions {
		if i := slices.Index(v.stages, stage); i >= 0 {
			v.stages = slices.Delete(v.stages, i, i+1)
			return v
		}
	}
	return nil
}
