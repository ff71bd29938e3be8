package secrets

import "slices"

// secretNotFound is the failure of a call for an unknown secret.
func secretNotFound() *failure {
	return refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

func (st *Store) getSecretValue(in struct{ SecretId, VersionId, VersionStage string }) (any, *failure) {
	s := st.secret(in.SecretId)
	if s == nil {
		return nil, secretNotFound()
	}
	found, failed := s.find(in.VersionId, in.VersionStage)
	if failed != nil {
		return nil, failed
	}
	return struct {
		ARN, Name, VersionId string
		SecretString         *string `json:",omitempty"`
		SecretBinary         *string `json:",omitempty"`
		VersionStages        []string
		CreatedDate          float64
	}{s.ARN, s.Name, found.id, found.text, found.binary, found.stages, seconds(found.created)}, nil
}

func (st *Store) describeSecret(in struct{ SecretId string }) (any, *failure) {
	s := st.secret(in.SecretId)
	if s == nil {
		return nil, secretNotFound()
	}
	stages := map[string][]string{}
	for _, one := range s.versions {
		if len(one.stages) > 0 { // deprecated versions are not shown
			stages[one.id] = one.stages
		}
	}
	return struct {
		ARN, Name                    string
		Description                  string `json:",omitempty"`
		Tags                         []Tag  `json:",omitempty"`
		CreatedDate, LastChangedDate float64
		VersionIdsToStages           map[string][]string
	}{s.ARN, s.Name, s.Description, s.Tags, seconds(s.created), seconds(s.changed), stages}, nil
}

// newValue is a value as text or Base64, and the token that makes resending it
// safe.
type newValue struct {
	SecretId, ClientRequestToken string
	SecretString, SecretBinary   *string
}

type putSecretValueRequest struct {
	newValue
	VersionStages []string
}

func (st *Store) putSecretValue(in putSecretValueRequest) (any, *failure) {
	s, made, failed := st.putVersion(in.newValue, in.VersionStages)
	if failed != nil {
		return nil, failed
	}
	return struct {
		ARN, Name, VersionId string
		VersionStages        []string
	}{s.ARN, s.Name, made.id, made.stages}, nil
}

type updateSecretRequest struct {
	newValue
	Description *string
}

// updateSecret gives a secret a new current value, a new description, or both.
func (st *Store) updateSecret(in updateSecretRequest) (any, *failure) {
	s := st.secret(in.SecretId)
	if s == nil {
		return nil, secretNotFound()
	}
	var id string
	if in.SecretString != nil || in.SecretBinary != nil {
		_, made, failed := st.putVersion(in.newValue, nil)
		if failed != nil {
			return nil, failed
		}
		id = made.id
	}
	if in.Description != nil {
		s.Description, s.changed = *in.Description, st.config.Now()
	}
	return struct {
		ARN, Name string
		VersionId string `json:",omitempty"`
	}{s.ARN, s.Name, id}, nil
}

// putVersion adds a version with staging labels; without labels it becomes the
// current one. The same version again does nothing.
func (st *Store) putVersion(in newValue, stages []string) (*secret, *version, *failure) {
	s := st.secret(in.SecretId)
	switch token := in.ClientRequestToken; {
	case token == "":
		return nil, nil, refused("InvalidRequestException", "You must provide a ClientRequestToken value. We recommend a UUID-type value.")
	case len(token) < 32 || len(token) > 64:
		return nil, nil, refused("InvalidParameterException", "ClientRequestToken must be 32-64 characters long.")
	case (in.SecretString == nil) == (in.SecretBinary == nil):
		return nil, nil, refused("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
	case s == nil:
		return nil, nil, secretNotFound()
	}
	made := &version{id: in.ClientRequestToken, text: in.SecretString, binary: in.SecretBinary, created: st.config.Now()}
	if i := slices.IndexFunc(s.versions, func(v *version) bool { return v.id == made.id }); i >= 0 {
		if !equal(s.versions[i].text, made.text) || !equal(s.versions[i].binary, made.binary) {
			return nil, nil, refused("ResourceExistsException", "A resource with the ID you requested already exists.")
		}
		return s, s.versions[i], nil
	}
	if len(stages) == 0 {
		stages = []string{current}
	}
	s.add(made, stages...)
	return s, made, nil
}

// equal compares two optional values.
func equal(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
