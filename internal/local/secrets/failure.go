package secrets

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// failure is an error of a service.
type failure struct {
	status  int
	code    string
	message string
}

// refused is the failure of a call that is not possible.
func refused(code, message string) *failure {
	return &failure{http.StatusBadRequest, code, message}
}

// invalid is the failure of a malformed SSM request.
func invalid(message string) *failure { return refused("ValidationException", message) }

// write formats the failure for its service. Services spell the message's name
// differently.
func (f *failure) write(service string) (status int, answer []byte) {
	message := "message"
	if service == SecretsManager {
		message = "Message"
	}
	return f.status, marshal(map[string]string{"__type": f.code, message: f.message})
}

// marshal encodes JSON as AWS does, without escaping "<".
func marshal(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // answers can always be encoded
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
