package secrets

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// failure is an error as the services answer with it.
type failure struct {
	status  int
	code    string
	message string
}

// refused is the failure of a call that cannot be made so.
func refused(code, message string) *failure {
	return &failure{http.StatusBadRequest, code, message}
}

// invalid is the failure of a request that SSM finds malformed.
func invalid(message string) *failure { return refused("ValidationException", message) }

// write gives the failure the shape of its service. They differ in how they
// spell the message's name.
func (f *failure) write(service string) (status int, answer []byte) {
	message := "message"
	if service == SecretsManager {
		message = "Message"
	}
	return f.status, marshal(map[string]string{"__type": f.code, message: f.message})
}

// marshal writes JSON as AWS does: a "<" stays one.
func marshal(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // answers hold nothing that cannot be written
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
