package polling

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/roomcast/roomcast/internal/retry"
	"golang.org/x/sync/errgroup"
)

// poller is one user that polls over a kept-alive connection of its own.
type poller struct {
	client *http.Client
	url    string
	tag    string
}

// runPolling measures polling: every user asks once an interval, from a moment
// of its own in it on.
func (p Polling) runPolling(ctx context.Context) (_ Side, err error) {
	server, err := startEndpoint(p.Endpoint(ctx))
	if err != nil {
		return Side{}, err
	}
	defer func() {
		if stopped := server.stop(); err == nil {
			err = stopped
		}
	}()
	u := p.updates(func(ctx context.Context, user int, text string) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodPut, userURL(server.Address, user), strings.NewReader(text))
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		return response.Body.Close()
	})
	var w wire
	var requests atomic.Int64
	polling, stop := context.WithCancel(ctx)
	defer stop()
	users, polling := errgroup.WithContext(polling)
	for user := range p.Users {
		transport := &http.Transport{DialContext: w.dial, MaxIdleConnsPerHost: 1, DisableCompression: true}
		one := &poller{client: &http.Client{Transport: transport, Timeout: 10 * time.Second}, url: userURL(server.Address, user)}
		users.Go(func() error {
			defer transport.CloseIdleConnections()
			return one.run(polling, p.Interval, p.Interval*time.Duration(user)/time.Duration(p.Users), func(text string) { u.arrive(text) }, &requests)
		})
	}
	// The first polls open the connections; they are counted apart.
	if err := retry.Sleep(ctx, 2*p.Interval); err != nil {
		return Side{}, err
	}
	opened, asked, began := w.bytes(), requests.Load(), time.Now()
	// An update at the end has one more poll to come by.
	if err := u.run(polling, p.Duration); err != nil {
		stop()
		if failed := users.Wait(); failed != nil {
			return Side{}, failed
		}
		return Side{}, err
	}
	counted, last, took := w.bytes(), requests.Load(), time.Since(began)
	if err := u.awaitArrivals(ctx, p.Interval+2*time.Second); err != nil {
		return Side{}, err
	}
	stop()
	if err := users.Wait(); err != nil {
		return Side{}, err
	}
	return newSide(u, p.Users, last-asked, counted.since(opened), took), nil
}

func userURL(address string, user int) string {
	return "http://" + address + "/updates/" + strconv.Itoa(user)
}

// run polls until the context ends.
func (p *poller) run(ctx context.Context, interval, offset time.Duration, arrived func(string), requests *atomic.Int64) error {
	if retry.Sleep(ctx, offset) != nil {
		return nil
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		text, err := p.poll(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("bench polling: poll: %w", err)
		}
		requests.Add(1)
		if text != "" {
			arrived(text)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// poll asks once. It returns "" when there is nothing new.
func (p *poller) poll(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, nil)
	if err != nil {
		return "", err
	}
	request.Header["User-Agent"] = nil // no header that is of no use
	if p.tag != "" {
		request.Header.Set("If-None-Match", p.tag)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	p.tag = response.Header.Get("Etag")
	if response.StatusCode == http.StatusNotModified {
		return "", nil
	}
	var newest update
	if err := json.NewDecoder(response.Body).Decode(&newest); err != nil {
		return "", fmt.Errorf("the answer %s: %w", response.Status, err)
	}
	_, err = io.Copy(io.Discard, response.Body) // to the end, so that the connection is kept
	return newest.Text, err
}
