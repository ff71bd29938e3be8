package protocol

// CheckFrame returns, as an [*Error], why the server would refuse a frame by
// its size or form, or nil. A program calls it before it sends a frame: API
// Gateway closes the connection of a client that sends more than [MaxFrame]
// bytes, with all its other requests.
func CheckFrame(body []byte) error {
	o, err := parse(body)
	if err != nil {
		return err
	}
	if check := checks[o.action]; check != nil {
		err = check(body)
	} else {
		err = o.err()
	}
	if err == nil && len(body) > MaxFrame { // last, because an error in a field says more
		return Errorf(CodeMessageTooLarge, "the frame must be at most %d bytes, got %d: send less, or in parts", MaxFrame, len(body))
	}
	return err
}

// checks decodes the frame of each action. Of an application's own action, only
// the clientId is known here.
var checks = func() map[string]func(body []byte) error {
	all := map[string]func(body []byte) error{}
	for _, a := range actions {
		all[a.name] = a.check
	}
	return all
}()

func check[T any](decode func(body []byte) (T, error)) func(body []byte) error {
	return func(body []byte) error {
		_, err := decode(body)
		return err
	}
}
