package faults

import (
	"slices"
	"sync"
	"testing"
	"time"
)

var put = Point{Service: "dynamodb", Operation: "PutItem", Function: "Chat/Send", Resource: "Messages"}

// begin returns an Injector with one rule, in force.
func begin(t *testing.T, seed uint64, rules ...Rule) (*Injector, []*Injection) {
	t.Helper()
	i := New(seed)
	var added []*Injection
	for _, r := range rules {
		made, err := i.Add(r)
		if err != nil {
			t.Fatal(err)
		}
		added = append(added, made)
	}
	i.Begin()
	return i, added
}

// ask makes n calls and returns which of them, from 1, were affected.
func ask(i *Injector, p Point, n int) []int {
	var hit []int
	for call := 1; call <= n; call++ {
		if i.At(p) != (Fault{}) {
			hit = append(hit, call)
		}
	}
	return hit
}

func TestWhichCallsAreAffected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		rule Rule
		want []int
	}{
		{"every call", Rule{}, []int{1, 2, 3, 4, 5, 6, 7}},
		{"the third", Rule{Nth: 3}, []int{3}},
		{"every third", Rule{Every: 3}, []int{3, 6}},
		{"the first three", Rule{First: 3}, []int{1, 2, 3}},
		{"no more than two", Rule{Limit: 2}, []int{1, 2}},
		{"every second, but once", Rule{Every: 2, Limit: 1}, []int{2}},
		{"a share of 1", Rule{Share: 1}, []int{1, 2, 3, 4, 5, 6, 7}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.rule.Throttle = true
			i, added := begin(t, 1, c.rule)
			if got := ask(i, put, 7); !slices.Equal(got, c.want) {
				t.Errorf("affected are %v, want %v", got, c.want)
			}
			if got := added[0].Count(); got != len(c.want) {
				t.Errorf("counted %d, want %d", got, len(c.want))
			}
		})
	}
}

// The same seed and name decide the same, however many other rules there are.
func TestChanceIsSeeded(t *testing.T) {
	t.Parallel()
	half := Rule{Name: "half", Share: 0.5, Reset: true}
	one, _ := begin(t, 7, half)
	first := ask(one, put, 1000)
	if n := len(first); n < 430 || n > 570 {
		t.Errorf("half of 1000 calls are %d", n)
	}
	again, _ := begin(t, 7, Rule{Name: "other", Share: 0.5, Resource: "Connections", Reset: true}, half)
	if got := ask(again, put, 1000); !slices.Equal(got, first) {
		t.Error("the same seed decides differently beside another rule")
	}
	other, _ := begin(t, 8, half)
	if got := ask(other, put, 1000); slices.Equal(got, first) {
		t.Error("another seed decides the same")
	}
	renamed := half
	renamed.Name = "halves"
	two, _ := begin(t, 7, renamed)
	if got := ask(two, put, 1000); slices.Equal(got, first) {
		t.Error("two rules of one seed decide alike")
	}
}

// Faults that only some operations can have leave the others alone, and do not
// count them.
func TestFaultsOfSomeOperations(t *testing.T) {
	t.Parallel()
	at := func(operation string) Point { return Point{Service: "sqs", Operation: operation} }
	for _, c := range []struct {
		name     string
		rule     Rule
		hit, not Point
	}{
		{"a late write", Rule{Status: 500, ApplyLate: time.Second}, put, Point{Service: "dynamodb", Operation: "GetItem"}},
		{"a part of a batch", Rule{Partial: true}, at("SendMessageBatch"), at("SendMessage")},
		{"a lost post", Rule{Lost: true}, Point{Service: "execute-api", Operation: "PostToConnection"}, Point{Service: "execute-api", Operation: "GetConnection"}},
		{"an early $disconnect", Rule{EarlyDisconnect: true}, Point{Service: "execute-api", Operation: "$connect"}, Point{Service: "execute-api", Operation: "$disconnect"}},
		{"a clock", Rule{Clock: time.Second}, Point{Service: "lambda", Operation: "Start"}, Point{Service: "lambda", Operation: "Invoke"}},
		{"latency", Rule{Latency: time.Second}, Point{Service: "lambda", Operation: "Invoke"}, Point{Service: "lambda", Operation: "Start"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i, added := begin(t, 1, c.rule)
			if got := i.At(c.not); got != (Fault{}) {
				t.Errorf("%s gets %+v", c.not.Operation, got)
			}
			if got := i.At(c.hit); got == (Fault{}) {
				t.Errorf("%s gets nothing", c.hit.Operation)
			}
			if got := added[0].count(); got.Matched != 1 {
				t.Errorf("matched %d, want 1", got.Matched)
			}
		})
	}
}

func TestUnmatched(t *testing.T) {
	t.Parallel()
	i, _ := begin(t, 1,
		Rule{Name: "any", Throttle: true}, Rule{Name: "there", Function: "Chat/Send", Throttle: true},
		Rule{Name: "pattern", Function: "*Send", Throttle: true}, Rule{Name: "typo", Function: "Chat/Sent", Throttle: true},
		Rule{Name: "no such", Function: "*Broadcast*", Kill: During})
	var names []string
	for _, r := range i.Unmatched([]string{"Chat/Send", "Chat/Join"}) {
		names = append(names, r.Name)
	}
	if !slices.Equal(names, []string{"typo", "no such"}) {
		t.Errorf("unmatched are %q", names)
	}
	if (*Injector)(nil).Unmatched(nil) != nil {
		t.Error("no injector has rules")
	}
}

// Each process has its own clock error, which the seed determines.
func TestClockWithin(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64) (drawn []time.Duration) {
		i, _ := begin(t, seed, Rule{Name: "clocks", ClockWithin: 5 * time.Second})
		for range 100 {
			drawn = append(drawn, i.At(Point{Service: "lambda", Operation: "Start"}).Clock)
		}
		return drawn
	}
	one := draw(1)
	if least, most := slices.Min(one), slices.Max(one); least > -4*time.Second || least < -5*time.Second || most < 4*time.Second || most > 5*time.Second {
		t.Errorf("a hundred clocks are wrong by %v to %v", least, most)
	}
	if !slices.Equal(one, draw(1)) || slices.Equal(one, draw(2)) {
		t.Error("the seed does not decide")
	}
}

func TestTheFirstRuleThatAppliesWins(t *testing.T) {
	t.Parallel()
	i, added := begin(t, 1,
		Rule{Name: "second call", Nth: 2, Reset: true},
		Rule{Name: "each", Latency: time.Second},
		Rule{Name: "third", Nth: 3, Status: 500}) // the second rule is always before it
	if got := i.At(put); got != (Fault{Latency: time.Second}) {
		t.Errorf("the first call gets %+v", got)
	}
	if got := i.At(put); got != (Fault{Reset: true}) {
		t.Errorf("the second call gets %+v", got)
	}
	i.At(put)
	added[1].Remove()
	added[1].Remove()
	if got := ask(i, put, 1); got != nil {
		t.Error("a removed rule applies")
	}
	want := []Count{{"second call", 4, 1}, {"each", 3, 2}, {"third", 4, 0}}
	if got := i.Counts(); !slices.Equal(got, want) {
		t.Errorf("counts are %+v, want %+v", got, want)
	}
}

func TestAddFirst(t *testing.T) {
	t.Parallel()
	i, _ := begin(t, 1, Rule{Name: "slow", Latency: time.Second})
	first, err := i.AddFirst(Rule{Name: "stuck", Status: 500})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.AddFirst(Rule{Name: "slow", Status: 500}); err == nil {
		t.Error("a name is taken twice")
	}
	if got := i.At(put); got.Status != 500 {
		t.Errorf("a call gets %+v", got)
	}
	first.Remove()
	if got := i.At(put); got.Latency != time.Second {
		t.Errorf("once it is removed a call gets %+v", got)
	}
	if want := []Count{{"stuck", 1, 1}, {"slow", 2, 1}}; !slices.Equal(i.Counts(), want) {
		t.Errorf("counts are %+v, want %+v", i.Counts(), want)
	}
}

func TestRulesAreNotInForceBeforeTheBeginning(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	i := New(1)
	i.now = func() time.Time { return now }
	rule, err := i.Add(Rule{From: 2 * time.Second, Until: 4 * time.Second, First: 1, Status: 503})
	if err != nil {
		t.Fatal(err)
	}
	if i.At(put) != (Fault{}) {
		t.Error("a rule applies before Begin")
	}
	now = now.Add(time.Hour)
	i.Begin()
	late, err := i.Add(Rule{From: 3 * time.Second, Reset: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at          time.Duration
		first, late int
	}{{0, 0, 0}, {1999 * time.Millisecond, 0, 0}, {2 * time.Second, 1, 0}, {3 * time.Second, 1, 1}, {4 * time.Second, 1, 2}} {
		now = time.Unix(1000, 0).Add(time.Hour + c.at)
		i.At(put)
		if rule.Count() != c.first || late.Count() != c.late {
			t.Errorf("after %v the rules have applied %d and %d times, want %d and %d", c.at, rule.Count(), late.Count(), c.first, c.late)
		}
	}
	if got := i.Counts()[0]; got.Matched != 2 {
		t.Errorf("%d calls are counted, want the 2 inside the window", got.Matched)
	}
}

func TestWhatARuleConcerns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		rule Rule
		at   Point
		want bool
	}{
		{"anything", Rule{Throttle: true}, put, true},
		{"all of it", Rule{Service: "dynamodb", Operation: "PutItem", Function: "Chat/Send", Resource: "Messages", Throttle: true}, put, true},
		{"patterns", Rule{Service: "dy*", Operation: "*Item", Function: "*/Se*d", Resource: "M*s*", Throttle: true}, put, true},
		{"another service", Rule{Service: "sqs", Throttle: true}, put, false},
		{"another operation", Rule{Operation: "Put", Throttle: true}, put, false},
		{"another function", Rule{Function: "Send", Throttle: true}, put, false},
		{"another resource", Rule{Resource: "*Connections", Throttle: true}, put, false},
		{"no function", Rule{Function: "*", Throttle: true}, Point{Service: "dynamodb", Operation: "PutItem"}, true},

		// A fault happens only where it can.
		{"throttled function", Rule{Throttle: true}, Point{Service: "lambda", Operation: "Invoke"}, true},
		{"cut function", Rule{Reset: true}, Point{Service: "lambda", Operation: "Invoke"}, false},
		{"throttled $disconnect", Rule{Throttle: true}, Point{Service: "execute-api", Operation: "$disconnect"}, false},
		{"slow $disconnect", Rule{Latency: 1}, Point{Service: "execute-api", Operation: "$disconnect"}, true},
		{"slow delivery", Rule{Latency: 1}, Point{Service: "sqs", Operation: "Deliver"}, false},
		{"lost $disconnect", Rule{LostDisconnect: true}, Point{Service: "execute-api", Operation: "$disconnect"}, true},
		{"lost post", Rule{LostDisconnect: true}, Point{Service: "execute-api", Operation: "PostToConnection"}, false},
		{"post to a gone connection", Rule{Gone: true}, Point{Service: "execute-api", Operation: "PostToConnection"}, true},
		{"gone table", Rule{Gone: true}, put, false},
		{"killed function", Rule{Kill: During}, Point{Service: "lambda", Operation: "Invoke"}, true},
		{"killed table", Rule{Kill: During}, put, false},
		{"twice delivered", Rule{Duplicate: true}, Point{Service: "sqs", Operation: "Deliver"}, true},
		{"twice sent", Rule{Duplicate: true}, Point{Service: "sqs", Operation: "SendMessage"}, false},
		{"throttled delivery", Rule{Throttle: true}, Point{Service: "sqs", Operation: "Deliver"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i, _ := begin(t, 1, c.rule)
			if got := i.At(c.at) != (Fault{}); got != c.want {
				t.Errorf("affected: %v", got)
			}
		})
	}
}

func TestWhatACallGets(t *testing.T) {
	t.Parallel()
	call := func(service string) Point { return Point{Service: service, Operation: "X"} }
	for _, c := range []struct {
		name string
		rule Rule
		at   Point
		want Fault
	}{
		{"a throttled table", Rule{Throttle: true, After: true}, put, Fault{Status: 400, Code: "ProvisionedThroughputExceededException", After: true}},
		{"throttled on demand", Rule{Throttle: true, Code: "ThrottlingException"}, put, Fault{Status: 400, Code: "ThrottlingException"}},
		{"a throttled queue", Rule{Throttle: true}, call("sqs"), Fault{Status: 400, Code: "RequestThrottled"}},
		{"a throttled post", Rule{Throttle: true}, call("execute-api"), Fault{Status: 429, Code: "LimitExceededException"}},
		{"a throttled function", Rule{Throttle: true}, call("lambda"), Fault{Status: 429, Code: "TooManyRequestsException"}},
		{"throttled otherwise", Rule{Throttle: true}, call("ssm"), Fault{Status: 400, Code: "ThrottlingException"}},
		{"a failing table", Rule{Status: 500}, put, Fault{Status: 500, Code: "InternalServerError"}},
		{"a failing queue", Rule{Status: 500}, call("sqs"), Fault{Status: 500, Code: "InternalFailure"}},
		{"a failing post", Rule{Status: 500}, call("execute-api"), Fault{Status: 500, Code: "InternalServerErrorException"}},
		{"a failing function", Rule{Status: 500}, call("lambda"), Fault{Status: 500, Code: "ServiceException"}},
		{"an unavailable table", Rule{Status: 503, Latency: time.Second}, put, Fault{Status: 503, Code: "ServiceUnavailable", Latency: time.Second}},
		{"a refusal", Rule{Status: 400}, put, Fault{Status: 400, Code: "ValidationException"}},
		{"really gone", Rule{Gone: true}, call("execute-api"), Fault{Status: 410, Code: "GoneException", Close: true}},
		{"falsely gone", Rule{FalselyGone: true}, call("execute-api"), Fault{Status: 410, Code: "GoneException"}},
		{"killed", Rule{Kill: After, Latency: time.Second}, Point{Service: "lambda", Operation: "Invoke"}, Fault{Kill: After, Latency: time.Second}},
		{"twice and late", Rule{Duplicate: true, Late: time.Second}, Point{Service: "sqs", Operation: "Deliver"}, Fault{Duplicate: true, Late: time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i, _ := begin(t, 1, c.rule)
			got := i.At(c.at)
			got.Message = ""
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestNilInjector(t *testing.T) {
	t.Parallel()
	var i *Injector
	i.Begin()
	if i.At(put) != (Fault{}) || i.Counts() != nil {
		t.Error("a nil Injector injects")
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	i, added := begin(t, 1, Rule{Name: "a tenth", Every: 10, Throttle: true})
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 1000 {
				i.At(put)
			}
			if extra, err := i.Add(Rule{Service: "sqs", Reset: true, Limit: n}); err == nil {
				extra.Remove()
			}
			i.Counts()
		})
	}
	all.Wait()
	if got := added[0].Count(); got != 800 {
		t.Errorf("a tenth of 8000 calls is %d", got)
	}
}

func BenchmarkAt(b *testing.B) {
	for _, c := range []struct {
		name  string
		rules []Rule
	}{{"no rules", nil}, {"another service", []Rule{{Service: "dynamodb", Reset: true}}}, {"half", []Rule{{Share: 0.5, Throttle: true}}}} {
		b.Run(c.name, func(b *testing.B) {
			i := New(1)
			for _, r := range c.rules {
				if _, err := i.Add(r); err != nil {
					b.Fatal(err)
				}
			}
			i.Begin()
			post := Point{Service: "execute-api", Operation: "PostToConnection", Resource: "Z2hvc3Q="}
			for b.Loop() {
				i.At(post)
			}
		})
	}
}
