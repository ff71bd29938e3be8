package secrets

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The staging labels that Secrets Manager itself moves.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// Secret is a secret that a template defines.
type Secret struct {
	// Name is the secret's name, and ARN its ARN with the six characters that
	// Secrets Manager adds to the name. Required.
	Name, ARN string
	// Description and Tags are shown by DescribeSecret.
	Description string
	Tags        []Tag
	// Value is the first version's. Default: the secret has no version.
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

// version is a value that a secret has, or had.
type version struct {
	id           string
	text, binary *string // one of them is nil
	stages       []string
	created      time.Time
}

// AddSecret adds a secret. It fails if there is one of that name.
func (st *Store) AddSecret(s Secret) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.secret(s.Name) != nil {
		return fmt.Errorf("there are two secrets named %s: give one of them another name", s.Name)
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
// characters at the end. It reports false if there is none.
func (st *Store) FindSecret(id string) (name, arn string, ok bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.secret(id)
	if s == nil {
		return "", "", false
	}
	return s.Name, s.ARN, true
}

// SecretString is the text of a version of a secret: the one of a version id,
// else of a staging label, else the current one. It reports false if there is
// no such secret, version or text.
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

// suffix is the length of what Secrets Manager adds to a name in an ARN.
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

// find finds a version. With neither id nor label it is the current one.
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

// add adds a version with its staging labels, which its others lose. The first
// version of all is the current one, whatever its labels.
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

// take takes a staging label away from the version that has it, which it
// returns; nil if none has.
func (s *secret) take(stage string) *version {
	for _, v := range s.versions {
		if i := slices.Index(v.stages, stage); i >= 0 {
			v.stages = slices.Delete(v.stages, i, i+1)
			return v
		}
	}
	return nil
}
