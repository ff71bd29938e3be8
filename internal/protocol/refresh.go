package protocol

// Refresh asks to replace the token of a connection.
type Refresh struct {
	Request
	// Token is the new token. It must never be logged.
	Token string
}

// DecodeRefresh decodes the frame of a refresh. Its errors never repeat the
// token.
func DecodeRefresh(body []byte) (Refresh, error) {
	o, err := parse(body)
	if err != nil {
		return Refresh{}, err
	}
	r := Refresh{Request: Request{ClientID: o.clientID}}
	if raw, ok := o.required("token"); ok && o.decode("token", raw, &r.Token, "a string") {
		if len(r.Token) == 0 || len(r.Token) > MaxToken {
			o.reject(Errorf(CodeBadField, "token: must be 1 to %d bytes, got %d", MaxToken, len(r.Token)))
			r.Token = ""
		}
	}
	return r, o.err()
}
